"""Macro calls and calls, in code and in the token trees of macros."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_mens.views.rust.syntax import ATTRIBUTES, COMMENTS, PATH_TOKENS, below, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.views.rust.syntax import RustFile

Group = tuple["Node", ...]


@dataclass(frozen=True)
class MacroCall:
    """`path!(...)`. `arguments` are the top-level comma-separated token groups of the body, each a run of nodes.

    `node` is the whole call; inside another macro's token tree, where no node spans it, it is the `body`.
    """

    path: str
    node: Node
    name_node: Node
    body: Node
    _arguments: list[tuple[Group, ...]] = field(default_factory=list, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Give the last segment of the path."""
        return self.path.rpartition("::")[2]

    @property
    def arguments(self) -> tuple[Group, ...]:
        """Give the groups of tokens between top-level commas; comments are dropped."""
        if not self._arguments:
            self._arguments.append(token_groups(self.body))
        return self._arguments[0]


@dataclass(frozen=True)
class Call:
    """A function or method call, also one that stands in a macro's token tree.

    `callee` is the path text without generics and white space (`Tensor::from_vec`); of a method (`self.x.matmul`)
    it is the name (`matmul`), and `receiver` holds the nodes before the dot. It is empty when what is called is
    another expression. `node` is the whole call; inside a macro's token tree it is the token tree of the arguments.
    `arguments` are as in MacroCall.
    """

    callee: str
    receiver: Group
    node: Node
    name_node: Node
    body: Node
    method: bool = False
    _arguments: list[tuple[Group, ...]] = field(default_factory=list, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Give the last segment of the callee."""
        return self.callee.rpartition("::")[2]

    @property
    def arguments(self) -> tuple[Group, ...]:
        """Give the groups of nodes between top-level commas; comments and attributes are dropped."""
        if not self._arguments:
            self._arguments.append(token_groups(self.body))
        return self._arguments[0]


def token_groups(body: Node) -> tuple[Group, ...]:
    """Split what stands between the delimiters of an argument list or token tree at its top-level commas.

    The commas of closure parameters (`|a, b| ..`) and turbofish generics (`::<A, B>`) do not separate.
    """
    groups: list[Group] = []
    current: list[Node] = []
    parameters = False
    angles = 0
    previous = ""
    for node in body.children[1:-1]:
        kind = node.type
        if kind in COMMENTS or kind in ATTRIBUTES:
            continue
        if kind == "|" and (parameters or previous in ("", "move", "async", "static", "=", "=>", "return")):
            parameters = not parameters
        elif kind == "<" and (angles or previous == "::"):
            angles += 1
        elif angles and kind in (">", ">>"):
            angles = max(0, angles - len(kind))
        if kind == "," and not parameters and not angles:
            groups.append(tuple(current))
            current, previous = [], ""
            continue
        current.append(node)
        previous = kind
    if current:
        groups.append(tuple(current))
    return tuple(groups)


def token_path(file: RustFile, tokens: Sequence[Node], last: int) -> tuple[list[str], int]:
    """Give the segments of the path that ends at `tokens[last]`, and the index of its first token."""
    segments = [file.text_of(tokens[last]).removeprefix("r#")]
    at = last
    while at >= 2 and tokens[at - 1].type == "::":
        before = at - 2
        if tokens[before].type in (">", ">>"):
            opening = _open_angle(tokens, before)
            if opening < 1:
                break
            before = opening - 2 if tokens[opening - 1].type == "::" else opening - 1
        if before < 0 or tokens[before].type not in PATH_TOKENS:
            break
        segments.append(file.text_of(tokens[before]).removeprefix("r#"))
        at = before
    if at >= 1 and tokens[at - 1].type == "::":
        at -= 1
    return segments[::-1], at


def _open_angle(tokens: Sequence[Node], closing: int) -> int:
    """Give the index of the `<` that `tokens[closing]` closes, or -1."""
    depth = 0
    for at in range(closing, -1, -1):
        kind = tokens[at].type
        if kind in (">", ">>"):
            depth += len(kind)
        elif kind in ("<", "<<"):
            depth -= len(kind)
            if depth <= 0:
                return at
    return -1


def token_trees(file: RustFile, within: Node | None) -> Iterator[list[Node]]:
    """Give the tokens of every macro token tree in `within`, comments dropped; attributes are passed over.

    The pattern side of a macro definition is not a token tree in the grammar, so it is left out.
    """
    skip_until = -1
    attribute_bodies: set[int] = set()
    for node in below(file, within, ("token_tree", *ATTRIBUTES)):
        if node.start_byte < skip_until:
            continue
        if node.type != "token_tree":
            skip_until = node.end_byte
            continue
        tokens = [child for child in node.children if child.type not in COMMENTS]
        if any(token.type == "#" for token in tokens):
            tokens, passed_over = _without_attributes(tokens)
            attribute_bodies.update(passed_over)
        if node.id in attribute_bodies:
            skip_until = node.end_byte
            continue
        yield tokens


def _without_attributes(tokens: list[Node]) -> tuple[list[Node], list[int]]:
    """Drop the `#[..]` and `#![..]` among tokens; give also the ids of the token trees dropped."""
    kept: list[Node] = []
    dropped = []
    for token in tokens:
        before = kept[-2:] if kept and kept[-1].type == "!" else kept[-1:]
        if token.type == "token_tree" and before and before[0].type == "#":
            dropped.append(token.id)
            del kept[-len(before) :]
        else:
            kept.append(token)
    return kept, dropped


def macro_calls(file: RustFile, within: Node | None = None) -> Iterator[MacroCall]:
    """Give every macro call in source order, at any nesting: also `x!(..)` inside another macro's token tree."""
    found = []
    for node in below(file, within, ("macro_invocation",)):
        name = node.child_by_field_name("macro")
        body = next((child for child in reversed(node.children) if child.type == "token_tree"), None)
        if name is not None and body is not None:
            found.append(MacroCall(path_text(file, name), node, _last_name(name), body))
    for tokens in token_trees(file, within):
        for at in range(2, len(tokens)):
            if tokens[at].type != "token_tree" or tokens[at - 1].type != "!":
                continue
            if tokens[at - 2].type in PATH_TOKENS:
                segments, _ = token_path(file, tokens, at - 2)
                found.append(MacroCall("::".join(segments), tokens[at], tokens[at - 2], tokens[at]))
    found.sort(key=lambda call: call.name_node.start_byte)
    yield from found


def _last_name(path: Node) -> Node:
    name = path.child_by_field_name("name")
    return path if name is None else name


def calls(file: RustFile, within: Node | None = None) -> Iterator[Call]:
    """Give every call of `within`, ordered by where the callee's name stands, those in macro bodies too."""
    found = [_call(file, node) for node in below(file, within, ("call_expression",))]
    for tokens in token_trees(file, within):
        found.extend(_token_calls(file, tokens))
    found.sort(key=lambda call: call.name_node.start_byte)
    yield from found


def _call(file: RustFile, node: Node) -> Call:
    callee = node.child_by_field_name("function") or node.children[0]
    body = node.child_by_field_name("arguments") or node
    if callee.type == "generic_function":
        callee = callee.child_by_field_name("function") or callee
    if callee.type == "field_expression":
        name = callee.child_by_field_name("field") or callee
        value = callee.child_by_field_name("value")
        receiver = () if value is None else (value,)
        return Call(file.text_of(name).removeprefix("r#"), receiver, node, name, body, method=True)
    if callee.type in ("identifier", "scoped_identifier", "self"):
        return Call(path_text(file, callee), (), node, _last_name(callee), body)
    return Call("", (), node, callee, body)


_DECLARING = frozenset({"fn", "struct", "enum", "union", "trait", "mod", "macro_rules"})


def _token_calls(file: RustFile, tokens: Sequence[Node]) -> Iterator[Call]:
    for at in range(1, len(tokens)):
        body = tokens[at]
        if body.type != "token_tree" or file.source[body.start_byte] != ord("("):
            continue
        last = at - 1
        if tokens[last].type in (">", ">>"):
            opening = _open_angle(tokens, last)
            if opening < 2 or tokens[opening - 1].type != "::":
                continue
            last = opening - 2
        if tokens[last].type not in PATH_TOKENS:
            continue
        name = tokens[last]
        before = tokens[last - 1].type if last else ""
        if before == ".":
            receiver = tuple(tokens[_receiver_start(tokens, last - 1) : last - 1])
            yield Call(file.text_of(name).removeprefix("r#"), receiver, body, name, body, method=True)
        elif before not in _DECLARING:
            segments, _ = token_path(file, tokens, last)
            yield Call("::".join(segments), (), body, name, body)


_OPERANDS = frozenset(
    {*PATH_TOKENS, "token_tree", "integer_literal", "float_literal", "string_literal", "raw_string_literal"}
    | {"char_literal", "boolean_literal", "await"}
)


def _receiver_start(tokens: Sequence[Node], dot: int) -> int:
    """Give the index at which the postfix expression before `tokens[dot]` starts."""
    at = dot
    while at >= 1:
        kind = tokens[at - 1].type
        if kind in ("?", ".", "::"):
            at -= 1
        elif kind in (">", ">>") and at < len(tokens) and tokens[at].type in ("::", "token_tree"):
            opening = _open_angle(tokens, at - 1)
            if opening < 0:
                break
            at = opening
        elif (kind in _OPERANDS and _joins(tokens, at)) or (kind == "!" and _is_macro_mark(tokens, at - 1)):
            at -= 1
        else:
            break
    return at


def _is_macro_mark(tokens: Sequence[Node], at: int) -> bool:
    return at >= 1 and tokens[at - 1].type in PATH_TOKENS and tokens[at + 1].type == "token_tree"


def _joins(tokens: Sequence[Node], at: int) -> bool:
    """Tell whether the operand before `tokens[at]` and that token belong to one postfix expression."""
    following = tokens[at].type
    if following in (".", "?", "::", "!"):
        return True
    return following == "token_tree" and tokens[at - 1].type not in ("integer_literal", "float_literal")
