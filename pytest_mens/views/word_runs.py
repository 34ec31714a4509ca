"""Runs of words that a text and a page have in common, punctuation, markup, case and line breaks aside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Run = tuple[str, ...]

_WORD = re.compile(r"[^\W_][\w./-]*\w|[^\W_]|\{\}")


def runs(text: str, length: int) -> set[Run]:
    """Give every run of `length` words in a row; none reaches over a placeholder `{}`."""
    words = [match[0].lower() for match in _WORD.finditer(text)]
    found = {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}
    return {run for run in found if "{}" not in run}


def occurrences(text: str, wanted: set[Run], length: int) -> Iterator[tuple[int, str]]:
    """Give where runs of that length occur in a text, with their words."""
    if not wanted:
        return
    matches = list(_WORD.finditer(text))
    words = [match[0].lower() for match in matches]
    for at in range(len(words) - length + 1):
        if tuple(words[at : at + length]) in wanted:
            yield matches[at].start(), " ".join(words[at : at + length])
