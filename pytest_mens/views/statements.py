"""What comments and rustdoc say about matrix shapes: `W [out, in]`, `A = [in, rank]`, `x [b, in] @ Wᵀ [in, out]`.

Only brackets and parentheses of at least two dimensions are shapes; only `@` is a product. A name's shape is the one
written beside it, as in ``W` stored as `[out, in]``; after a mark of transposition it is that of the transpose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.views.rust import Comment, RustFile

Shape = tuple[str, ...]

_DIM = r"(?:\.{2,3}|…|\w+(?:\.\w+)*(?:\s*[*·\u00d7+/-]\s*\w+(?:\.\w+)*)*)"
_TOKENS = re.compile(
    rf"(?P<shape>\[\s*{_DIM}(?:\s*,\s*{_DIM})+\s*,?\s*\]|\(\s*[\w.]+(?:\s*,\s*[\w.]+)+\s*,?\s*\))"
    r"|(?P<turned>ᵀ|\^T\b|\^\u22a4|\u22a4|\.T\b|\.(?:t|transpose)\(\))"
    r"|(?P<name>[^\W\dᵀ]\w*?(?:(?=ᵀ)|\b)(?:\.(?!T\b|t\(|transpose\()[^\W\d]\w*)*)"
    r"|(?P<at>@)|(?P<open>\()|(?P<close>\))|(?P<mark>[:=]|[-=]>|→|∈)|(?P<other>[^\s`*])"
)
_LEADER = re.compile(r"\s*(?:/{2,}!?|/\*[*!]?|\*(?!/))?")
_FILLERS = frozenset(
    {"as", "is", "are", "stored", "of", "shape", "shaped", "has", "have", "kept", "held", "laid", "out"}
)


@dataclass(frozen=True)
class Operand:
    """One side of a stated product: its name if it has one, whether that is turned, and its shape if known."""

    name: str
    turned: bool
    shape: Shape | None


@dataclass(frozen=True)
class Product:
    """A stated `left @ right`, at its place in the file. `turned` says that the whole product is transposed."""

    left: Operand
    right: Operand
    line: int
    column: int
    turned: bool

    @property
    def contradiction(self) -> tuple[str, str] | None:
        """Give the inner dimensions when both are stated and differ."""
        if self.left.shape is None or self.right.shape is None:
            return None
        inner = self.left.shape[-1], self.right.shape[-2]
        return inner if differ(*inner) else None


@dataclass(frozen=True)
class Statement:
    """One run of adjacent comments: where it starts and ends, its shapes, the names it gives shapes, its products."""

    kind: str
    start: int
    end: int
    first_line: int
    shapes: tuple[Shape, ...]
    names: tuple[tuple[str, Shape], ...]
    products: tuple[Product, ...]
    places: tuple[tuple[str, int, int], ...] = ()

    def place(self, name: str) -> tuple[int, int]:
        """Give where the shape of a name is written."""
        return next(((line, column) for stated, line, column in self.places if stated == name), (self.first_line, 1))

    def of(self, name: str) -> Shape | None:
        """Give the shape stated for a name: exactly, else by the last word of either (`lora_a` for `A`)."""
        exact = [shape for stated, shape in self.names if stated.casefold() == name.casefold()]
        if exact:
            return exact[-1]
        loose = {shape for stated, shape in self.names if last_word(stated) == last_word(name)}
        return next(iter(loose)) if len(loose) == 1 else None


def last_word(name: str) -> str:
    """Give the last word of a name, such as `a` of `self.lora_a`."""
    return re.split(r"[._]", name)[-1].casefold()


def differ(left: str, right: str) -> bool:
    """Tell whether two stated dimensions contradict each other; `in` and `in_features` do not."""
    a, b = left.casefold(), right.casefold()
    if a == b or a.startswith((f"{b}_", ".", "…")) or b.startswith((f"{a}_", ".", "…")):
        return False
    return a.isdigit() == b.isdigit()


def turn(shape: Shape) -> Shape:
    """Give the shape of the transpose."""
    return (*shape[:-2], shape[-1], shape[-2])


def statements(file: RustFile, comments: Sequence[Comment]) -> list[Statement]:
    """Read comments, given in source order, as statements: adjacent lines belong to one."""
    return [found for run in _runs(file, comments) if (found := _read(file, run)).shapes or found.products]


def _runs(file: RustFile, comments: Sequence[Comment]) -> Iterator[list[Comment]]:
    run: list[Comment] = []
    for comment in comments:
        if run and not _adjacent(file, run[-1], comment):
            yield run
            run = []
        run.append(comment)
    if run:
        yield run


def _adjacent(file: RustFile, first: Comment, second: Comment) -> bool:
    between = file.source[first.node.end_byte : second.node.start_byte]
    return first.kind == second.kind and not between.strip() and between.count(b"\n") <= 1


def _read(file: RustFile, run: list[Comment]) -> Statement:
    text, places = "", []
    for comment in run:
        offset = comment.node.start_byte
        for line in comment.text.split("\n"):
            leader = _LEADER.match(line)
            cut = leader.end() if leader else 0
            places.append((len(text), offset + len(line[:cut].encode())))
            text += line[cut:] + "\n"
            offset += len(line.encode()) + 1
    tokens = [match for match in _TOKENS.finditer(text) if match.lastgroup]

    def place(token: re.Match[str]) -> tuple[int, int]:
        start, offset = max(one for one in places if one[0] <= token.start())
        return file.position(offset + len(text[start : token.start()].encode()))

    stated = list(_names(tokens))
    names = {name: shape for name, shape, _ in stated}
    products = []
    for at, token in enumerate(tokens):
        if token.lastgroup == "at":
            left, right, turned = _left(tokens, at, names), *_right(tokens, at, names)
            products.append(Product(left, right, *place(token), turned))
    return Statement(
        run[0].kind,
        run[0].node.start_byte,
        run[-1].node.end_byte,
        file.position(run[0].node)[0],
        tuple(_shape(token) for token in tokens if token.lastgroup == "shape"),
        tuple(names.items()),
        tuple(products),
        tuple((name, *place(token)) for name, _, token in stated),
    )


def _shape(token: re.Match[str]) -> Shape:
    inner = token.group().strip("[]() \n")
    return tuple(re.sub(r"\s+", "", part) for part in inner.rstrip(",").split(","))


def _names(tokens: Sequence[re.Match[str]]) -> Iterator[tuple[str, Shape, re.Match[str]]]:
    for at, token in enumerate(tokens):
        named = _name_before(tokens, at) if token.lastgroup == "shape" else None
        if named is not None:
            name, turned = named
            yield name, turn(_shape(token)) if turned else _shape(token), token


def _name_before(tokens: Sequence[re.Match[str]], at: int) -> tuple[str, bool] | None:
    """Give the name that a shape is written beside, and whether it is marked as turned."""
    before = at - 1
    marked = before >= 0 and tokens[before].group() in (":", "=")
    before -= marked
    while before >= 0 and tokens[before].lastgroup == "name" and tokens[before].group().casefold() in _FILLERS:
        before -= 1
    turned = before >= 0 and tokens[before].lastgroup == "turned"
    before -= turned
    if before < 0 or tokens[before].lastgroup != "name":
        return None
    of_product = at + 1 < len(tokens) and tokens[at + 1].lastgroup == "at"
    if marked and of_product and not _names_right(tokens, at + 1):
        return None
    return tokens[before].group(), bool(turned)


def _names_right(tokens: Sequence[re.Match[str]], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].lastgroup == "name"


def _left(tokens: Sequence[re.Match[str]], at: int, names: dict[str, Shape]) -> Operand:
    before = at - 1
    shape = None
    if before >= 0 and tokens[before].lastgroup == "shape":
        shape = _shape(tokens[before])
        named = _name_before(tokens, before)
        return Operand("" if named is None else named[0], turned=bool(named and named[1]), shape=shape)
    turned = before >= 0 and tokens[before].lastgroup == "turned"
    before -= turned
    return _named(tokens, before, names, turned=bool(turned))


def _right(tokens: Sequence[re.Match[str]], at: int, names: dict[str, Shape]) -> tuple[Operand, bool]:
    after = at + 1
    name, turned, shape = "", False, None
    if after < len(tokens) and tokens[after].lastgroup == "name":
        name = tokens[after].group()
        after += 1
    if name and after < len(tokens) and tokens[after].lastgroup == "turned":
        turned = True
        after += 1
    marked = after < len(tokens) and tokens[after].group() in (":", "=")
    if after + marked < len(tokens) and tokens[after + marked].lastgroup == "shape":
        shape = _shape(tokens[after + marked])
        after += 1 + marked
    elif name:
        shape = _stated(name, names, turned=turned)
    closed = after + 1 < len(tokens) and tokens[after].lastgroup == "close" and tokens[after + 1].lastgroup == "turned"
    return Operand(name, turned, shape), closed


def _named(tokens: Sequence[re.Match[str]], at: int, names: dict[str, Shape], *, turned: bool) -> Operand:
    if at < 0 or tokens[at].lastgroup != "name":
        return Operand("", turned, None)
    name = tokens[at].group()
    return Operand(name, turned, _stated(name, names, turned=turned))


def _stated(name: str, names: dict[str, Shape], *, turned: bool) -> Shape | None:
    shape = names.get(name)
    if shape is None:
        loose = {shape for stated, shape in names.items() if last_word(stated) == last_word(name)}
        shape = next(iter(loose)) if len(loose) == 1 else None
    return turn(shape) if shape is not None and turned else shape


def around(file: RustFile, function: rust.Function) -> tuple[list[Statement], list[Statement], list[Statement]]:
    """Give what is stated in a function's rustdoc, inside its body, and in the file's `//!` comments (memoised)."""
    key = ("statements", function.node.id)
    if key not in file.memo:
        docs = statements(file, rust.docs(file, function.node))
        inside = [] if function.body is None else statements(file, list(rust.comments(file, function.body)))
        file.memo[key] = docs, inside, _whole(file)
    found: tuple[list[Statement], list[Statement], list[Statement]] = file.memo[key]
    return found


def _whole(file: RustFile) -> list[Statement]:
    if "statements" not in file.memo:
        comments = [comment for comment in rust.comments(file) if comment.kind == "inner doc"]
        file.memo["statements"] = statements(file, comments)
    found: list[Statement] = file.memo["statements"]
    return found
