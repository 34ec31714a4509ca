"""Sentences of a program that a document may quote: its string literals, and the runs of words shared with a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import clap, rust_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target
    from pytest_mens.views.clap import Place

Run = tuple[str, ...]
"""Words in a row, in lower case."""

_QUOTED_WORDS = 4
"""Words in a row of an old text that make a sentence of a document a quotation of it."""


def texts(target: Target, path: str) -> Iterator[tuple[str, Place]]:
    """Give the string literals of a Rust file that are sentences."""
    if not path.endswith(".rs"):
        return
    source = rust_text.code(target, path)
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"', source.code, re.DOTALL):
        long = match.group(1).count(" ") >= _QUOTED_WORDS - 1
        if long and not source.in_test(match.start()) and not _in_attribute(source, match.start()):
            yield re.sub(r"\\\n\s*", "", match.group(1)), clap.Place(path, *source.place(match.start()))


def _in_attribute(source: rust_text.Code, offset: int) -> bool:
    """Tell whether a literal stands in an attribute: help and the like, which promise nothing to who quotes them."""
    opening = source.opening(offset)
    while opening >= 0 and source.bare[opening] != "{":
        if source.bare[opening] == "[" and source.bare[:opening].rstrip().endswith(("#", "#!")):
            return True
        opening = source.opening(opening)
    return False


def stands_elsewhere(target: Target, text: str, run: Run) -> bool:
    """Tell whether other code still says the words: a text that moved is not gone."""
    words = re.search(r"[^\w{}]+".join(map(re.escape, run)), text, re.IGNORECASE)
    if words is None:
        return False
    paths = target.containing((words.group().encode(),), target.glob("*.rs"))
    return any(words.group() in known for path in paths for known, _ in texts(target, path))


def runs(text: str) -> Iterator[Run]:
    """Give every run of four words that no placeholder or line end interrupts."""
    for part in re.split(r"\{[^{}]*\}|\\n|\n", text):
        words = re.findall(r"[\w-]*\w", part.lower())
        yield from (tuple(words[at : at + _QUOTED_WORDS]) for at in range(len(words) - _QUOTED_WORDS + 1))
