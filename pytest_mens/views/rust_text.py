"""Rust by its tokens alone: which characters are code, which comments and strings. Far cheaper than a syntax tree.

For questions that are asked of many large files and need no structure beyond brackets. Source: the Rust reference,
chapter Lexical structure.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target

_START = re.compile(r"""//|/\*|"|'(?:[^'\\\n]|\\[^\n]{1,10}?)'""")
"""Prefixes are looked for backwards: as a beginning `b` or `r` would have the search stop at every such letter."""
_RAW = re.compile(r"(?<!\w)b?r(#*)$")
_HASHES = 260
"""Characters of the longest prefix of a raw string: Rust allows 255 hashes."""
_COMMENT = re.compile(r"/\*|\*/")
_STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_TEST_ATTRIBUTE = re.compile(r"#\s*\[\s*(?:cfg\s*\(\s*(?:test\b|all\s*\(\s*test\b)|(?:\w+\s*::\s*)*test\s*[\](])")
_TEST_FOLDERS = {"tests", "benches", "examples"}
_BLOCK = 20_000
"""Characters before a place in which the opening brace of its block is looked for."""
REACH = 400
"""Characters before a place in which the bracket around it is looked for."""


def code(target: Target, path: str) -> Code:
    """Give the file by its tokens (memoised)."""
    return target.file_view(_code, path)


def test_file(path: str) -> bool:
    """Tell whether a file belongs to the tests, benches or examples of a package."""
    return not _TEST_FOLDERS.isdisjoint(path.split("/")[:-1])


def _code(target: Target, path: str) -> Code:
    return Code(target.text(path))


class Code:
    """A Rust file with its comments blanked (`code`), and its strings and characters too (`bare`); offsets stay."""

    def __init__(self, text: str) -> None:
        self.text = text
        code: list[str] = []
        bare: list[str] = []
        at = 0
        for start, end, comment in _tokens(text):
            between = text[at:start]
            blank = _blank(text[start:end])
            code += (between, blank if comment else text[start:end])
            bare += (between, blank)
            at = end
        self.code = "".join((*code, text[at:]))
        self.bare = "".join((*bare, text[at:]))

    @cached_property
    def tests(self) -> tuple[tuple[int, int], ...]:
        """Give the extents of the items under `#[cfg(test)]` and `#[test]`."""
        if "test" not in self.bare:
            return ()
        found: list[tuple[int, int]] = []
        for match in _TEST_ATTRIBUTE.finditer(self.bare):
            if not found or match.start() >= found[-1][1]:
                found.append((match.start(), self.item_end(match.end())))
        return tuple(found)

    def item_end(self, start: int) -> int:
        """Give the end of the item that goes on at `start`: after its `;` or its closing brace."""
        opening = re.compile(r"[{;]").search(self.bare, start)
        if opening is None or opening.group() == ";":
            return opening.end() if opening else len(self.bare)
        depth = 0
        for brace in re.compile(r"[{}]").finditer(self.bare, opening.start()):
            depth += 1 if brace.group() == "{" else -1
            if depth == 0:
                return brace.end()
        return len(self.bare)

    def in_test(self, offset: int) -> bool:
        """Tell whether `offset` lies in test code."""
        return any(start <= offset < end for start, end in self.tests)

    def opening(self, offset: int) -> int:
        """Give the offset of the bracket that is open at `offset`, or -1."""
        depth = 0
        for at in range(offset - 1, max(offset - REACH, -1), -1):
            char = self.bare[at]
            if char in ")]}":
                depth += 1
            elif char in "([{":
                if depth == 0:
                    return at
                depth -= 1
            elif char == ";" and depth == 0:
                return -1
        return -1

    def block(self, offset: int) -> tuple[int, int]:
        """Give the extent of the braces around `offset`."""
        depth = 0
        for at in range(offset - 1, max(offset - _BLOCK, -1), -1):
            char = self.bare[at]
            if char == "}":
                depth += 1
            elif char == "{":
                if depth == 0:
                    return (at, self.item_end(at))
                depth -= 1
        return (0, len(self.bare))

    def offset(self, line: int, column: int) -> int:
        """Give the offset of a 1-based (line, column)."""
        at = 0
        for _ in range(line - 1):
            at = self.text.index("\n", at) + 1
        return at + column - 1

    def place(self, offset: int) -> tuple[int, int]:
        """Give the 1-based (line, column) of `offset`."""
        return (self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset))


def _tokens(text: str) -> Iterator[tuple[int, int, bool]]:
    """Give the extent of every comment, string and character, and whether it is a comment; never look back.

    What is not closed goes on to the end of the file.
    """
    at = 0
    while found := _START.search(text, at):
        start, end = found.span()
        opening = text[start]
        comment = opening == "/"
        if opening == '"':
            start, end = _string(text, start, at)
        elif comment:
            end = text.find("\n", start) if text[start + 1] == "/" else _comment_end(text, end)
        elif start > at and text[start - 1] == "b":
            start -= 1
        at = end if end >= 0 else len(text)
        yield start, at, comment


def _string(text: str, quote: int, at: int) -> tuple[int, int]:
    """Give the extent of the string whose opening quote stands at `quote`, its raw prefix included; -1 if unclosed."""
    if quote > at and text[quote - 1] in "r#":
        raw = _RAW.search(text, max(quote - _HASHES, at), quote)
        if raw:
            mark = '"' + raw.group(1)
            closed = text.find(mark, quote + 1)
            return raw.start(), closed + len(mark) if closed >= 0 else -1
    closing = _STRING.match(text, quote + 1)
    return quote, closing.end() if closing else -1


def _comment_end(text: str, at: int) -> int:
    depth = 1
    for mark in _COMMENT.finditer(text, at):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return -1


def _blank(text: str) -> str:
    if "\n" not in text:
        return " " * len(text)
    return "\n".join(" " * len(line) for line in text.split("\n"))
