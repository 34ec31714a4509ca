"""Passages: the paragraphs, bullets, table rows and fences of a page or of a text inside another file.

A passage is the unit that wording rules judge. It knows its visible text, the way back to the source, the headings and
the table head above it and the blocks beside it, wherever it came from: a page, a plain text, a string in code or data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mens.model import UnreadableError
from pytest_mens.views import markdown, rust, yaml

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator

    from pytest_mens.target import Target

CELL_BREAK = "\n\n"
"""What separates the cells of a row in a passage's text: to prose it ends a sentence."""


@dataclass(frozen=True)
class Passage:
    """One block of text. `code` are the ranges of `text` in code spans; `place` leads from an index to the source.

    `headings` are the headings above it, `heads` the texts of its table's head. A fence keeps its line breaks.
    """

    path: str
    kind: markdown.BlockKind
    text: str
    code: tuple[tuple[int, int], ...]
    place: Callable[[int], markdown.Place]
    headings: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    block: markdown.Block | None = None

    @property
    def around(self) -> tuple[str, ...]:
        """Give the texts of the blocks directly before and after it, and of the list or quote around it."""
        return tuple(_around(self.block)) if self.block and self.kind != "row" else ()


@dataclass(frozen=True)
class Exclusion:
    """Which pages are kept out of training: a front matter key with that value, or a marker anywhere in the text."""

    front_matter: dict[str, str]
    text: tuple[str, ...] = ()

    def covers(self, target: Target, path: str) -> bool:
        """Tell whether the page at `path` is kept out."""
        content = target.text(path, markdown.MARKDOWN_LIMIT)
        if any(marker in content for marker in self.text):
            return True
        if not any(key in content for key in self.front_matter):
            return False
        keys = markdown.front_matter(target, path)
        return any(keys.get(key, "").casefold() == value for key, value in self.front_matter.items())


def of_page(page: markdown.Page, wanted: re.Pattern[str]) -> Iterator[Passage]:
    """Give the passages of a page in whose source `wanted` occurs; HTML blocks and comments are none."""
    for block in page.blocks:
        if block.kind == "row":
            if any(wanted.search(cell.content) for cell in block.children):
                yield _row(block)
        elif block.kind in {"paragraph", "heading", "fence"} and wanted.search(block.content):
            yield _single(block)


def of_page_block(block: markdown.Block) -> Iterator[Passage]:
    """Give the passage of one block, whatever it says."""
    if block.kind == "row":
        yield _row(block)
    elif block.kind in {"paragraph", "heading", "fence"}:
        yield _single(block)


def _single(block: markdown.Block) -> Passage:
    headings = tuple(heading.plain.text for heading in block.headings)
    if block.kind == "fence":
        return Passage(block.page.path, "fence", block.content, (), _fence_place(block), headings, (), block)
    plain = block.plain
    return Passage(block.page.path, block.kind, plain.text, plain.code, plain.place, headings, (), block)


def _fence_place(block: markdown.Block) -> Callable[[int], markdown.Place]:
    def place(index: int) -> markdown.Place:
        number = block.content.count("\n", 0, index)
        line = block.lines[min(number, len(block.lines) - 1)]
        return (line.line, line.column + index - (block.content.rfind("\n", 0, index) + 1))

    return place


def _row(row: markdown.Block) -> Passage:
    parts: list[tuple[int, markdown.Plain]] = []
    code: list[tuple[int, int]] = []
    length = 0
    for cell in row.children:
        plain = cell.plain
        parts.append((length, plain))
        code.extend((start + length, end + length) for start, end in plain.code)
        length += len(plain.text) + len(CELL_BREAK)
    text = CELL_BREAK.join(plain.text for _, plain in parts)

    def place(index: int) -> markdown.Place:
        start, plain = next(part for part in reversed(parts) if part[0] <= index)
        return plain.place(min(index - start, len(plain.text)))

    heads = row.parent.column_heads if row.parent and not row.header else ()
    headings = tuple(heading.plain.text for heading in row.headings)
    return Passage(row.page.path, "row", text, tuple(code), place, headings, heads)


def _around(block: markdown.Block) -> Iterator[str]:
    """Give the texts beside a block, then beside the items, lists and quotes around it."""
    level: markdown.Block | None = block
    while level is not None and level.kind != "table":
        for beside in (level.previous, level.next):
            if beside is not None and beside.kind != "heading":
                yield beside.text
        level = level.parent


def of_text(
    path: str, text: str, locate: Callable[[int], markdown.Place], wanted: re.Pattern[str]
) -> Iterator[Passage]:
    """Give the passages of a text that stands inside the file `path`; `locate` leads from its indexes to the file."""
    page = markdown.parse(path, text)
    starts = [0]
    for line in page.lines:
        starts.append(starts[-1] + len(line) + 1)

    for passage in of_page(page, wanted):

        def place(index: int, inner: Callable[[int], markdown.Place] = passage.place) -> markdown.Place:
            line, column = inner(index)
            return locate(min(starts[line - 1] + column - 1, max(len(text) - 1, 0)))

        yield Passage(
            path, passage.kind, passage.text, passage.code, place, passage.headings, passage.heads, passage.block
        )


def of_file(target: Target, path: str, wanted: re.Pattern[str]) -> Iterator[Passage]:
    """Give the passages of a file by its extension: Rust string literals outside tests, YAML and JSON lines, text."""
    if path.endswith(".rs"):
        yield from _of_rust(target, path, wanted)
    elif path.endswith((".yaml", ".yml")):
        yield from _of_node(path, yaml.file(target, path), wanted)
    elif path.endswith(".jsonl"):
        yield from _of_rows(path, target.text(path), wanted)
    else:
        yield from of_page(markdown.page(target, path), wanted)


def _of_rust(target: Target, path: str, wanted: re.Pattern[str]) -> Iterator[Passage]:
    file = rust.file(target, path)
    for literal in rust.strings(file):
        if not wanted.search(literal.value) or rust.in_test_code(file, literal.node):
            continue

        def locate(index: int, literal: rust.StringLiteral = literal) -> markdown.Place:
            return file.position(literal.offsets[min(index, len(literal.offsets) - 1)])

        yield from of_text(path, literal.value, locate, wanted)


def _of_rows(path: str, text: str, wanted: re.Pattern[str]) -> Iterator[Passage]:
    """Give every row of JSON as one passage, its strings as sentences of their own."""
    for number, line in enumerate(text.split("\n"), 1):
        if not wanted.search(line):
            continue
        try:
            scalars = list(_scalars(yaml.parse(path, line)))
        except UnreadableError:
            # not JSON that YAML can read: judged as it stands
            yield Passage(path, "row", line, (), _on_line(number))
            continue
        yield _joined(path, number, scalars)


def _on_line(number: int) -> Callable[[int], markdown.Place]:
    return lambda index: (number, index + 1)


def _joined(path: str, number: int, scalars: Iterable[yaml.Scalar]) -> Passage:
    parts: list[tuple[int, yaml.Scalar]] = []
    length = 0
    for scalar in scalars:
        parts.append((length, scalar))
        length += len(scalar.value) + len(CELL_BREAK)

    def place(index: int) -> markdown.Place:
        start, scalar = next(part for part in reversed(parts) if part[0] <= index)
        return (number, scalar.place(index - start)[1])

    return Passage(path, "row", CELL_BREAK.join(scalar.value for _, scalar in parts), (), place)


def _scalars(node: Any) -> Iterator[yaml.Scalar]:
    """Give the scalar values of a document in order; keys are none."""
    if isinstance(node, yaml.Scalar):
        yield node
    elif isinstance(node, yaml.Sequence):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, yaml.Mapping):
        for _, value in node.items:
            yield from _scalars(value)


def _of_node(path: str, node: Any, wanted: re.Pattern[str]) -> Iterator[Passage]:
    for scalar in _scalars(node):
        if wanted.search(scalar.value):
            yield from of_text(path, scalar.value, scalar.place, wanted)
