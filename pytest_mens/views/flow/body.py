"""One function, const or static: its nodes, calls, names and what its expressions are made of.

The arguments of assertion and formatting macros are token trees in the grammar. A function is therefore parsed once
more with the marks of these macros blanked (`assert!(a < b)` read as the call `assert (a < b)`, `vec![a]` as `[a]`),
in place, so that every byte offset still is that of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

import tree_sitter_rust
from tree_sitter import Language, Parser, Point, Range

from pytest_mens.views import rust
from pytest_mens.views.flow.binders import Binder, binders
from pytest_mens.views.flow.syntax import COMMENTS, SCOPED, WRAPPED, arguments, expressions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.views.flow.source import Source
    from pytest_mens.views.rust import Function

_LANGUAGE = Language(tree_sitter_rust.language())
CALL_LIKE = re.compile(
    r"(?:debug_)?assert(?:_\w+)?|ensure|bail|anyhow|panic|unreachable|todo|unimplemented|dbg|matches"
    r"|(?:e?print(?:ln)?|write(?:ln)?|format(?:_args)?)\Z"
)
LISTS = ("vec", "smallvec", "arrayvec")
_GROWING = frozenset({"push", "extend", "extend_from_slice", "insert", "append", "push_back", "resize"})
_INDEXED = (
    "assignment_expression",
    "binary_expression",
    "call_expression",
    "closure_expression",
    "compound_assignment_expr",
    "const_item",
    "for_expression",
    "function_item",
    "let_condition",
    "let_declaration",
    "match_arm",
    "return_expression",
    "static_item",
)


@dataclass(frozen=True)
class Callee:
    """What a call expression calls: a method with its receiver, or a path. `generics` is the turbofish, if any."""

    name: str
    segments: tuple[str, ...]
    receiver: Node | None
    name_node: Node
    generics: Node | None


@dataclass(frozen=True)
class Atom:
    """What an expression is made of: kind "name", "path", "type", "call", "operation", "string" or "macro"."""

    kind: str
    node: Node


class Body:
    """One item (a function, const or static) parsed with its assertion macros opened. `node` is the item."""

    def __init__(self, source: Source, item: Node, function: Function | None) -> None:
        self.source = source
        self.file = source.file
        self.function = function
        self.node = _reparse(source, item)
        self._atoms: dict[int, list[Atom]] = {}
        self._callees: dict[int, Callee | None] = {}

    def text(self, node: Node) -> str:
        """Give the source text of `node`."""
        return self.file.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @cached_property
    def block(self) -> Node | None:
        """The function's body."""
        return self.node.child_by_field_name("body")

    def parent(self, node: Node) -> Node | None:
        """Give the node around `node`, or None at the item itself."""
        return None if node == self.node else node.parent

    def enclosing(self, node: Node, *types: str) -> Node | None:
        """Give the nearest ancestor of one of `types` within the item."""
        current = self.parent(node)
        while current is not None and current.type not in types:
            current = self.parent(current)
        return current

    @cached_property
    def _nested(self) -> list[tuple[int, int]]:
        return [(node.start_byte, node.end_byte) for node in self.nodes("function_item") if node != self.node]

    def own(self, node: Node) -> bool:
        """Tell whether `node` belongs to this function, not to one nested in it."""
        return not any(start <= node.start_byte < end for start, end in self._nested)

    def statement(self, node: Node) -> Node:
        """Give the statement (or tail expression) that `node` stands in."""
        current = node
        while (above := self.parent(current)) is not None and above.type != "block":
            current = above
        return current

    @cached_property
    def _nodes(self) -> dict[str, list[tuple[int, Node]]]:
        found: dict[str, list[tuple[int, Node]]] = {kind: [] for kind in _INDEXED}
        for at, node in enumerate(rust.walk(self.node, *_INDEXED)):
            found[node.type].append((at, node))
        return found

    def nodes(self, *kinds: str) -> list[Node]:
        """Give the nodes of some of the kinds in `_INDEXED`, in source order, outer before inner."""
        found = [entry for kind in kinds for entry in self._nodes[kind]]
        if len(kinds) > 1:
            found.sort(key=itemgetter(0))
        return [node for _, node in found]

    @cached_property
    def calls(self) -> list[Node]:
        """Every call expression, opened macros included."""
        return self.nodes("call_expression")

    def callee(self, call: Node) -> Callee | None:
        """Give what a call expression calls, or None when that is another expression."""
        if call.id not in self._callees:
            self._callees[call.id] = self._callee(call)
        return self._callees[call.id]

    def _callee(self, call: Node) -> Callee | None:
        function = call.child_by_field_name("function")
        generics = None
        if function is not None and function.type == "generic_function":
            generics = function.child_by_field_name("type_arguments")
            function = function.child_by_field_name("function")
        if function is None:
            return None
        if function.type == "field_expression":
            name, value = function.child_by_field_name("field"), function.child_by_field_name("value")
            if name is None or value is None:
                return None
            return Callee(self.text(name), (self.text(name),), value, name, generics)
        if function.type == "identifier":
            return Callee(self.text(function), (self.text(function),), None, function, generics)
        if function.type == "scoped_identifier":
            name = function.child_by_field_name("name") or function
            return Callee(self.text(name), self.segments(function), None, name, generics)
        return None

    def segments(self, node: Node) -> tuple[str, ...]:
        """Give the segments of a path or type without generics."""
        found: list[str] = []
        current: Node | None = node
        while current is not None:
            if current.type in ("generic_type", "generic_function", "generic_type_with_turbofish"):
                current = current.child_by_field_name("type") or current.child_by_field_name("function")
            elif current.type in SCOPED:
                name = current.child_by_field_name("name")
                found.append("" if name is None else self.text(name))
                current = current.child_by_field_name("path")
            elif current.type == "bracketed_type":
                inner = next((child for child in current.named_children), None)
                if inner is not None and inner.type == "qualified_type":
                    inner = inner.child_by_field_name("type")
                current = inner
            else:
                found.append(self.text(current).removeprefix("r#"))
                current = None
        return tuple(reversed(found))

    # --- names -------------------------------------------------------------------------------------------------

    @cached_property
    def binders(self) -> dict[str, list[Binder]]:
        """Every name the item binds."""
        found: dict[str, list[Binder]] = {}
        for binder in binders(self):
            found.setdefault(binder.name, []).append(binder)
        return found

    def binder(self, name: str, at: int) -> Binder | None:
        """Give the binder that `name` refers to at byte `at`, the innermost and latest."""
        best = None
        for binder in self.binders.get(name, ()):
            if binder.start <= at < binder.end and (best is None or binder.start >= best.start):
                best = binder
        return best

    @cached_property
    def _changes(self) -> dict[str, list[tuple[Node, Node]]]:
        """Give (target name node, value) of assignments and of calls that grow a collection, by name."""
        found: dict[str, list[tuple[Node, Node]]] = {}
        kinds = ("assignment_expression", "compound_assignment_expr", "call_expression")
        for node in self.nodes(*kinds):
            if node.type == "call_expression":
                callee = self.callee(node)
                if callee is None or callee.receiver is None or callee.name not in _GROWING:
                    continue
                left, values = callee.receiver, arguments(node)[-1:]
            else:
                target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
                if target is None or value is None:
                    continue
                left, values = target, [value]
            root = _root_name(left)
            if root is not None:
                found.setdefault(self.text(root), []).extend((root, value) for value in values)
        return found

    def changes(self, binder: Binder) -> list[Node]:
        """Give the values later assigned to a binder, or added to it."""
        return [
            value
            for root, value in self._changes.get(binder.name, ())
            if self.binder(binder.name, root.start_byte) is binder
        ]

    def atoms(self, node: Node) -> list[Atom]:
        """Give what an expression is made of; nested functions and what only chooses an element are left out."""
        found = self._atoms.get(node.id)
        if found is None:
            found = self._atoms[node.id] = list(_atoms(node))
        return found


def _atoms(top: Node) -> Iterator[Atom]:  # noqa: C901 - one branch per kind of node
    pending = [top]
    while pending:
        node = pending.pop()
        kind = node.type
        if kind == "identifier":
            yield Atom("name", node)
            continue
        if kind == "type_identifier":
            yield Atom("type", node)
            continue
        if kind in SCOPED:
            yield Atom("path", node)
            path = node.child_by_field_name("path")
            while path is not None and path.type in SCOPED:
                path = path.child_by_field_name("path")
            if path is not None and path.type not in ("identifier", "type_identifier"):
                pending.append(path)
            continue
        if kind in ("string_literal", "raw_string_literal"):
            yield Atom("string", node)
            continue
        if kind == "macro_invocation":
            yield Atom("macro", node)
            continue
        if kind in (*COMMENTS, "attribute_item", "use_declaration") or (kind == "function_item" and node != top):
            continue
        if kind == "index_expression":
            pending.extend(expressions(node)[:1])
            continue
        if kind in ("call_expression", "binary_expression"):
            yield Atom("call" if kind == "call_expression" else "operation", node)
        pending.extend(reversed(node.children))


def _root_name(node: Node) -> Node | None:
    while node.type not in ("identifier", "self"):
        if node.type == "field_expression":
            inner = node.child_by_field_name("value")
        elif node.type in ("index_expression", *WRAPPED, "unary_expression"):
            inner = next(iter(expressions(node)), None)
        else:
            return None
        if inner is None:
            return None
        node = inner
    return node if node.type == "identifier" else None


def _reparse(source_file: Source, item: Node) -> Node:
    """Parse `item` once more with the marks of assertion-like macros blanked, at the same offsets."""
    file = source_file.file
    marks: list[tuple[int, int]] = []
    for call in source_file.macros:
        if not item.start_byte <= call.name_node.start_byte < item.end_byte:
            continue
        mark = file.source.find(b"!", call.name_node.end_byte, call.body.start_byte)
        opening = file.source[call.body.start_byte : call.body.start_byte + 1]
        if mark < 0:
            continue
        if call.name in LISTS and opening == b"[":
            marks.append((call.name_node.start_byte, mark + 1))
        elif CALL_LIKE.match(call.name) and opening == b"(":
            marks.append((mark, mark + 1))
    if not marks:
        return item
    source = bytearray(file.source)
    for start, end in marks:
        source[start:end] = b" " * (end - start)
    line, _ = file.position(item.start_byte)
    last, _ = file.position(item.end_byte)
    row_start = file.source.rfind(b"\n", 0, item.start_byte) + 1
    row_end = file.source.rfind(b"\n", 0, item.end_byte) + 1
    start, end = Point(line - 1, item.start_byte - row_start), Point(last - 1, item.end_byte - row_end)
    parser = Parser(_LANGUAGE, included_ranges=[Range(start, end, item.start_byte, item.end_byte)])
    root = parser.parse(bytes(source)).root_node
    opened = next((child for child in root.named_children if child.type == item.type), None)
    if opened is None or (opened.has_error and not item.has_error):
        return item
    return opened
