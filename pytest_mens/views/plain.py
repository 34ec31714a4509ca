"""Plain words in long texts, found without a pattern: compiling one for each of many words costs more than looking."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def occurrences(text: str, wanted: str) -> Iterator[int]:
    """Give the offset of every `wanted`."""
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def words(text: str, wanted: str, also: str = "_") -> Iterator[int]:
    """Give the offset of every `wanted` that is no part of a longer word of letters, digits and the marks `also`."""
    for at in occurrences(text, wanted):
        around = text[at - 1 : at] + text[at + len(wanted) : at + len(wanted) + 1]
        if not any(char.isalnum() or char in also for char in around):
            yield at
