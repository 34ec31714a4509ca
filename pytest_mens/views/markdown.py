"""Markdown pages as blocks and inline elements, each at its line and column: CommonMark, GFM tables, front matter.

markdown-it-py does the parsing; it knows the lines of blocks but no columns and no places of inline elements. Both are
recovered here: a block's content is aligned with the source lines it came from, and inline tokens are recorded together
with the position at which the tokenizer pushed them. The block structure of a page is built at once (it is cheap), the
inside of a block only when it is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pytest_mens.model import UnreadableError
from pytest_mens.views import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    from pytest_mens.target import Target

MARKDOWN_LIMIT = 512 * 1024
"""Bytes of the largest page that is parsed: markdown-it needs seconds for a hostile megabyte."""

Place = tuple[int, int]
"""A 1-based line and column; columns count characters."""

BlockKind = Literal["heading", "paragraph", "quote", "list", "item", "table", "row", "cell", "fence", "html", "rule"]
InlineKind = Literal["text", "code", "link", "image", "strong", "em", "html", "break"]

_CONTAINERS: dict[str, BlockKind] = {
    "blockquote_open": "quote",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "list_item_open": "item",
    "table_open": "table",
    "tr_open": "row",
    "th_open": "cell",
    "td_open": "cell",
    "heading_open": "heading",
    "paragraph_open": "paragraph",
}
_LEAVES: dict[str, BlockKind] = {"fence": "fence", "code_block": "fence", "html_block": "html", "hr": "rule"}


class Inline(NamedTuple):
    """One element inside a block: a run of text, a code span, a link, a bold run, ...

    `text` is what a reader sees (of a container: of everything in it). `start` and `end` index the block's `content`.
    `href` is the destination of a link or image as written, percent-encoded by CommonMark's rules. `within` names the
    kinds of the elements around it, outermost first. Containers come before what they contain.
    """

    kind: InlineKind
    text: str
    start: int
    end: int
    block: Block
    href: str = ""
    within: tuple[InlineKind, ...] = ()

    @property
    def place(self) -> Place:
        """Give the line and column at which it starts."""
        return self.block.place(self.start)

    @property
    def end_place(self) -> Place:
        """Give the line and column after it."""
        return self.block.place(self.end)


@dataclass(frozen=True)
class Line:
    """One line of a fence: its text and where that starts in the file."""

    text: str
    line: int
    column: int


@dataclass(frozen=True)
class Plain:
    """The text of a block as a reader sees it, line breaks as one space, with the way back to the source.

    `offsets[i]` is the offset in the block's content of the character `text[i]`. `code` holds the (start, end) ranges
    of `text` that stood in code spans.
    """

    text: str
    offsets: tuple[int, ...]
    code: tuple[tuple[int, int], ...]
    block: Block

    def place(self, index: int) -> Place:
        """Give the line and column of `text[index]`; the end of the text is a place too."""
        if index < len(self.offsets):
            return self.block.place(self.offsets[index])
        if self.offsets:
            line, column = self.block.place(self.offsets[-1])
            return (line, column + 1)
        return self.block.place(0)


@dataclass(eq=False)
class Block:
    """A block of a page. Paragraphs, headings and cells have `content` (raw inline Markdown); fences have `lines`.

    `first` and `last` are 1-based and inclusive. `headings` is the chain of headings above the block, outermost
    first (of a heading: without itself). `info` is the info string of a fence. `level` is that of a heading.
    """

    page: Page
    kind: BlockKind
    first: int
    last: int
    parent: Block | None
    headings: tuple[Block, ...]
    content: str = ""
    info: str = ""
    level: int = 0
    header: bool = False
    """A row of a table's head, or a cell of it."""
    ordered: bool = False
    children: list[Block] = field(default_factory=list)
    index: int = 0
    """Place among the siblings; of a cell: its column."""

    @property
    def siblings(self) -> Sequence[Block]:
        """Give the blocks of the same parent, this one included."""
        return self.parent.children if self.parent else self.page.top

    @property
    def previous(self) -> Block | None:
        """Give the sibling before this block."""
        return self.siblings[self.index - 1] if self.index else None

    @property
    def next(self) -> Block | None:
        """Give the sibling after this block."""
        return self.siblings[self.index + 1] if self.index + 1 < len(self.siblings) else None

    def ancestors(self) -> Iterator[Block]:
        """Give the enclosing blocks, nearest first."""
        block = self.parent
        while block:
            yield block
            block = block.parent

    def enclosing(self, kind: BlockKind) -> Block | None:
        """Give the nearest enclosing block of `kind` (this one included), or None."""
        if self.kind == kind:
            return self
        return next((block for block in self.ancestors() if block.kind == kind), None)

    def walk(self, *kinds: BlockKind) -> Iterator[Block]:
        """Give this block and all below it in order, or only those of `kinds`."""
        stack = [self]
        while stack:
            block = stack.pop()
            if not kinds or block.kind in kinds:
                yield block
            stack.extend(reversed(block.children))

    @property
    def lead(self) -> Block | None:
        """Of a list item: its first paragraph or heading, the text of the bullet itself."""
        return next((child for child in self.children if child.kind in {"paragraph", "heading"}), None)

    @property
    def head_cell(self) -> Block | None:
        """Of a cell in the body of a table: the cell above it in the head."""
        table = self.enclosing("table")
        if table is None or self.kind != "cell" or self.header:
            return None
        heads = table.children[0].children
        return heads[self.index] if self.index < len(heads) else None

    @property
    def column_heads(self) -> tuple[str, ...]:
        """Of a table: the texts of its head."""
        return tuple(cell.plain.text for cell in self.children[0].children) if self.kind == "table" else ()

    @property
    def start(self) -> Place:
        """Give the place of the first character of the content or code, or of the block's first line."""
        return self.place(0)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Of a fence, indented code or HTML block: its lines without the indentation of their containers."""
        if self.kind not in {"fence", "html"}:
            return ()
        texts = self.content.removesuffix("\n").split("\n") if self.content else []
        first = self.first + (1 if self.info_line else 0)
        return tuple(
            Line(text, first + offset, _suffix_column(self.page.lines[first + offset - 1], text))
            for offset, text in enumerate(texts)
            if first + offset <= len(self.page.lines)
        )

    @property
    def info_line(self) -> bool:
        """Tell whether the block's first line is a fence's opening and not yet its content."""
        return self.kind == "fence" and self.level == 1

    @property
    def comment(self) -> bool:
        """Tell whether it is an HTML block that starts as a comment."""
        return self.kind == "html" and self.content.lstrip().startswith("<!--")

    @cached_property
    def _segments(self) -> tuple[tuple[int, int, int], ...]:
        """Give (offset in content, line, column) of every line of the content, as far as it has one."""
        if self.kind == "cell":
            return ((0, self.first, self._cell_column),)
        found = []
        offset = 0
        for number, text in enumerate(self.content.split("\n"), self.first):
            source = self.page.lines[number - 1] if number <= len(self.page.lines) else ""
            if self.kind == "heading":
                at = source.find(text.strip())
                column = max(at, 0) + 1
            else:
                column = _suffix_column(source, text)
            found.append((offset, number, column))
            offset += len(text) + 1
        return tuple(found)

    @cached_property
    def _cell_column(self) -> int:
        row = self.parent
        if row is None:
            return 1
        columns = _cell_columns(self.page.lines[self.first - 1], [cell.content for cell in row.children])
        return columns[self.index]

    def place(self, offset: int) -> Place:
        """Give the line and column of `content[offset]`."""
        if self.kind in {"fence", "html"}:
            return (self.first, 1)
        segments = self._segments
        if not segments:
            return (self.first, 1)
        start, line, column = segments[0]
        for segment in segments:
            if segment[0] > offset:
                break
            start, line, column = segment
        if self.kind == "cell" and "|" in self.content[:offset]:
            # the backslash of an escaped pipe is not in the content
            column += self.content.count("|", 0, offset)
        return (line, column + offset - start)

    @cached_property
    def inlines(self) -> tuple[Inline, ...]:
        """Give what stands inside a paragraph, heading or cell, in source order; containers before their content."""
        if not self.content or self.kind in {"fence", "html"}:
            return ()
        return tuple(_inlines(self, self.page.references))

    @cached_property
    def plain(self) -> Plain:
        """Give the visible text: markup dropped, code spans as their content, images as their alternative text."""
        parts: list[str] = []
        offsets: list[int] = []
        code: list[tuple[int, int]] = []
        for inline in self.inlines:
            if inline.kind == "break":
                parts.append(" ")
                offsets.append(inline.start)
            elif inline.kind in {"text", "code", "image"}:
                length = len(inline.text)
                at = inline.start
                if inline.kind == "code":
                    code.append((len(offsets), len(offsets) + length))
                    at = max(self.content.find(inline.text, inline.start), inline.start)
                parts.append(inline.text)
                last = max(inline.end - 1, inline.start)
                offsets.extend(range(at, min(at + length, last + 1)))
                offsets.extend(repeat(last, at + length - 1 - last))
        return Plain("".join(parts), tuple(offsets), tuple(code), self)

    @property
    def text(self) -> str:
        """Give the visible text of the block and all below it, blocks separated by a line break."""
        if self.kind in {"fence", "html"}:
            return self.content
        own = [self.plain.text] if self.content else []
        return "\n".join(own + [child.text for child in self.children])


@dataclass(eq=False)
class Page:
    """One parsed page. `top` are its outermost blocks, `blocks` all of them in order."""

    path: str
    source: str
    lines: tuple[str, ...]
    top: list[Block] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    references: dict[str, Any] = field(default_factory=dict)
    front_matter_text: str = ""

    def of(self, *kinds: BlockKind) -> Iterator[Block]:
        """Give the blocks of `kinds` in order."""
        return (block for block in self.blocks if block.kind in kinds)

    @cached_property
    def front_matter(self) -> dict[str, str]:
        """Give the top-level scalar keys of the front matter; empty when there is none or it is not a YAML mapping."""
        return dict(_scalars(self.path, self.front_matter_text))

    @cached_property
    def title(self) -> str:
        """Give the text of the first heading, else the `title` of the front matter."""
        heading = next(self.of("heading"), None)
        return heading.plain.text if heading else self.front_matter.get("title", "")

    def section(self, heading: Block) -> Iterator[Block]:
        """Give every block below `heading`, up to the next heading of its level or above."""
        return (block for block in self.blocks if heading in block.headings)

    def inlines(self, *kinds: InlineKind) -> Iterator[tuple[Block, Inline]]:
        """Give the inline elements of `kinds` with their blocks, in order."""
        for block in self.blocks:
            for inline in block.inlines:
                if inline.kind in kinds:
                    yield block, inline

    def at(self, line: int) -> Block | None:
        """Give the innermost block that covers `line`; of a table row, the row."""
        found = None
        for block in self.blocks:
            if block.first > line:
                break
            if line <= block.last and block.kind != "cell":
                found = block
        return found


def page(target: Target, path: str) -> Page:
    """Give the parsed page (memoised). Raise UnreadableError when it cannot be read or is too large."""
    return target.file_view(_page, path)


def named(target: Target, name: str) -> tuple[str, ...]:
    """Give the paths of the files called `name`, wherever they stand."""
    return target.view(_by_name).get(name, ())


def _by_name(target: Target) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for path in target.paths:
        found.setdefault(path.rpartition("/")[2], []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}


def front_matter(target: Target, path: str) -> dict[str, str]:
    """Give the top-level scalar keys of a page's front matter without parsing the page (memoised)."""
    return target.file_view(_front_matter, path)


def _front_matter(target: Target, path: str) -> dict[str, str]:
    text = target.text(path, MARKDOWN_LIMIT)
    head = _FRONT_MATTER.match(text)
    return parse(path, head.group()).front_matter if head else {}


def _page(target: Target, path: str) -> Page:
    return parse(path, target.text(path, MARKDOWN_LIMIT))


def parse(path: str, text: str) -> Page:
    """Parse the text of a page; `path` is only carried along."""
    # A lone CR is a line end to markdown-it but not to us; a blank keeps every line and column.
    text = text.replace("\r", " ").replace("\0", "\ufffd")
    env: dict[str, Any] = {}
    try:
        tokens = _parser(front_matter=text.startswith("---")).parse(text, env)
    except RecursionError:
        raise UnreadableError(path, "Markdown nested too deeply") from None
    result = Page(path, text, tuple(text.split("\n")), references=env)
    _build(result, tokens)
    return result


_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_FRONT_MATTER = re.compile(r"---+[ \t]*\n(?:.*\n)*?(?:---+|\.\.\.)[ \t]*(?:\n|\Z)")


def excerpt(target: Target, path: str, wanted: Callable[[str], bool], around: int = 0) -> Page:
    """Give the page with only the outermost pieces that are `wanted`, by their source, and the headings.

    For rules that care for few blocks of a long page: lines and columns are those of the whole page. `around` pieces
    are kept on both sides of a wanted one; neighbours farther off and link definitions are missing. Pieces end at
    blank lines before text that is not indented, outside fences and comments.
    """
    pieces = list(_pieces(target.text(path, MARKDOWN_LIMIT)))
    chosen = [number for number, piece in enumerate(pieces) if wanted(piece)]
    keep = {near for number in chosen for near in range(number - around, number + around + 1)}
    kept = [piece if number in keep else _blanked(piece) for number, piece in enumerate(pieces)]
    return parse(path, "\n".join(kept))


def _blanked(piece: str) -> str:
    """Empty the lines of a piece, except for headings."""
    if "#" not in piece or _FENCE.match(piece):
        return "\n" * piece.count("\n")
    return "\n".join(line if _HEADING.match(line) else "" for line in piece.split("\n"))


def _pieces(text: str) -> Iterator[str]:
    """Split text at blank lines before unindented lines; joined with line breaks the pieces are the text again."""
    piece: list[str] = []
    front = _FRONT_MATTER.match(text)
    first = text.count("\n", 0, front.end()) if front else 0
    closing = ""
    for number, line in enumerate(text.split("\n")):
        if piece and not closing and number >= first and line[:1].strip() and not piece[-1].strip():
            yield "\n".join(piece)
            piece = []
        piece.append(line)
        if closing or "```" in line or "~~~" in line or "<!--" in line:
            closing = _closing(line, closing)
    yield "\n".join(piece)


def _closing(line: str, closing: str) -> str:
    """Give what ends the fence or comment that `line` leaves open, or nothing."""
    if closing == "-->":
        return "" if "-->" in line else closing
    fence = _FENCE.match(line)
    if closing:
        ends = fence and fence.group(1).startswith(closing) and not line[fence.end() :].strip()
        return "" if ends else closing
    if fence:
        return "" if "`" in line[fence.end() :] and fence.group(1)[0] == "`" else fence.group(1)
    return "-->" if line.startswith("<!--") and "-->" not in line else ""


@lru_cache(maxsize=2)
def _parser(*, front_matter: bool = False) -> MarkdownIt:
    """Give a parser that stops before the inline phase: that is done per block, when somebody asks.

    `front_matter` is only for text that begins with it: the plugin takes more than that for one, such as a list item on
    the first line that begins with a flag in a code span.
    """
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin

    parser = MarkdownIt("commonmark").enable("table")
    if front_matter:
        parser.use(front_matter_plugin)
    return parser.disable(["normalize", "inline", "text_join"])


def _build(page: Page, tokens: Iterable[Token]) -> None:
    open_blocks: list[Block] = []
    headings: list[Block] = []
    heads = False
    for token in tokens:
        if token.type == "front_matter":
            page.front_matter_text = token.content
        elif token.type in {"thead_open", "thead_close"}:
            heads = token.nesting == 1
        elif token.type == "inline":
            open_blocks[-1].content = token.content
        elif token.type in _CONTAINERS:
            block = _block(page, _CONTAINERS[token.type], token, open_blocks, tuple(headings))
            block.header = heads and block.kind in {"row", "cell"}
            block.ordered = token.type == "ordered_list_open"
            if block.kind == "heading":
                block.level = int(token.tag[1])
                while headings and headings[-1].level >= block.level:
                    headings.pop()
                block.headings = tuple(headings)
                headings.append(block)
            open_blocks.append(block)
        elif token.type in _LEAVES:
            block = _block(page, _LEAVES[token.type], token, open_blocks, tuple(headings))
            block.content = token.content
            block.info = token.info.strip()
            block.level = int(token.type == "fence")
        elif token.nesting == -1 and token.type.replace("_close", "_open") in _CONTAINERS:
            open_blocks.pop()


def _block(page: Page, kind: BlockKind, token: Token, open_blocks: list[Block], headings: tuple[Block, ...]) -> Block:
    parent = open_blocks[-1] if open_blocks else None
    first, end = token.map or ([parent.first - 1, parent.last] if parent else [0, 0])
    block = Block(page, kind, first + 1, max(end, first + 1), parent, headings)
    siblings = parent.children if parent else page.top
    block.index = len(siblings)
    siblings.append(block)
    page.blocks.append(block)
    return block


def _suffix_column(source: str, text: str) -> int:
    """Give the column at which `text`, stripped of the containers before it, stands in its source line."""
    wanted = text.strip()
    if not wanted:
        return min(len(source), max(len(source) - len(text), 0)) + 1
    lead = len(text) - len(text.lstrip())
    at = source.rfind(wanted)
    return max(at - lead, 0) + 1 if at >= 0 else 1


def _cell_columns(source: str, cells: Sequence[str]) -> list[int]:
    """Give the columns of the cells of a row: GFM splits at every pipe that no backslash precedes."""
    bounds = [-1] + [match.start() for match in re.finditer(r"(?<!\\)\|", source)] + [len(source)]
    pieces = [(start + 1, source[start + 1 : end]) for start, end in pairwise(bounds)]
    columns = []
    current = 0
    for number, cell in enumerate(cells):
        for offset in range(current, len(pieces)):
            start, piece = pieces[offset]
            plain = piece.replace("\\|", "|").strip()
            first = number == 0 and offset == 0 and plain.endswith(cell) and bool(cell)
            if (plain == cell and (cell or offset)) or first:
                lead = len(piece.rstrip()) - len(cell.replace("|", "\\|")) if cell else 0
                columns.append(start + lead + 1)
                current = offset + 1
                break
        else:
            columns.append(len(source) + 1)
    return columns


def _scalars(path: str, text: str) -> Iterator[tuple[str, str]]:
    """Give the top-level scalar pairs of a front matter; nothing when it is not a YAML mapping."""
    if not text.strip():
        return
    try:
        node = yaml.parse(path, text)
    except UnreadableError:
        return
    for key, value in yaml.mapping(node).pairs():
        scalar = yaml.scalar(value)
        if scalar is not None:
            yield key.value, scalar


_PLAIN_TEXT = re.compile(r"[^\n\\`*_\[<&]+")
"""What no inline rule of CommonMark takes for more than text."""


def _inlines(block: Block, references: dict[str, Any]) -> Iterator[Inline]:
    """Tokenize the content of a block and give its elements with their places."""
    if _PLAIN_TEXT.fullmatch(block.content):
        yield Inline("text", block.content, 0, len(block.content), block)
        return
    from pytest_mens.views.inline_tokens import tokenize

    tokens, places = tokenize(_parser(), block.content, references)
    ends = [*places[1:], len(block.content)]
    collector = _Collector(block)
    for token, start, end in zip(tokens, places, ends, strict=True):
        kind = _INLINE_KINDS.get(token.type)
        if kind and token.nesting == 1:
            collector.open(kind, token, start, end)
        elif kind:
            collector.close(kind, token, start, end)
        else:
            collector.leaf(token, start, end)
    yield from _merged(collector.out)


class _Collector:
    """Turns the flat tokens of one block into elements whose containers know their extent and text."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.out: list[Inline] = []
        self.opened: list[int] = []
        self.within: tuple[InlineKind, ...] = ()

    def add(self, kind: InlineKind, text: str, start: int, end: int, href: str = "") -> None:
        self.out.append(Inline(kind, text, start, end, self.block, href, self.within))

    def open(self, kind: InlineKind, token: Token, start: int, end: int) -> None:
        if kind != "link":
            start += 1 - len(token.markup)  # the token stands for the last character of its run
        self.opened.append(len(self.out))
        self.add(kind, "", start, end, str(token.attrGet("href") or ""))
        self.within = (*self.within, kind)

    def close(self, kind: InlineKind, token: Token, start: int, end: int) -> None:
        if kind != "link":
            end = start + len(token.markup)  # the token stands for the first character of its run
        self.within = self.within[:-1]
        at = self.opened.pop()
        parts = [" " if inner.kind == "break" else inner.text for inner in self.out[at + 1 :] if inner.kind in _VISIBLE]
        self.out[at] = self.out[at]._replace(text="".join(parts), end=end)

    def leaf(self, token: Token, start: int, end: int) -> None:
        if token.type == "image":
            self.add("image", token.content, start, end, str(token.attrGet("src") or ""))
        elif token.type in {"softbreak", "hardbreak"}:
            self.add("break", "", start, start + 1)
        elif token.type == "code_inline":
            self.add("code", token.content, start, _code_end(self.block.content, start, token.markup))
        elif token.type == "html_inline":
            self.add("html", token.content, start, start + len(token.content))
        elif token.content:
            width = len(token.content) if token.type == "text" else max(end - start, 1)
            self.add("text", token.content, start, start + width)


_VISIBLE = frozenset({"text", "code", "image", "break"})

_INLINE_KINDS: dict[str, InlineKind] = {
    "link_open": "link",
    "link_close": "link",
    "strong_open": "strong",
    "strong_close": "strong",
    "em_open": "em",
    "em_close": "em",
}


def _merged(inlines: Iterable[Inline]) -> Iterator[Inline]:
    """Join neighbouring runs of text: the tokenizer leaves every unused `*` and `_` as one of its own."""
    last: Inline | None = None
    for inline in inlines:
        if (
            last
            and last.kind == inline.kind == "text"
            and last.within == inline.within
            and last.end == inline.start
            and last.end - last.start == len(last.text)
            and inline.end - inline.start == len(inline.text)
        ):
            last = last._replace(text=last.text + inline.text, end=inline.end)
            continue
        if last:
            yield last
        last = inline
    if last:
        yield last


def _code_end(source: str, start: int, markup: str) -> int:
    """Give the offset after the closing backticks of the code span that opens at `start`."""
    for match in re.compile("`+").finditer(source, start + len(markup)):
        if len(match.group()) == len(markup):
            return match.end()
    return len(source)
