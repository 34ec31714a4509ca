"""Local data flow in Rust functions: what a name stands for at the place where it is read.

Lets (shadowed, destructured, assigned and pushed to later), parameters, closures, loops over zipped iterators,
constants and statics across modules, and local helper functions are followed. What cannot be followed is unknown,
and nothing is concluded from it.

The arguments of assertion and formatting macros are token trees in the grammar. A function is therefore parsed once
more with the marks of these macros blanked (`assert!(a < b)` read as the call `assert (a < b)`, `vec![a]` as `[a]`),
in place, so that every byte offset still is that of the file.
"""

from __future__ import annotations

import math
import posixpath
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

import tree_sitter_rust
from tree_sitter import Language, Parser, Point, Range

from pytest_mens.model import SubjectMissingError
from pytest_mens.views import cargo, cfg, rust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.rust import Function, MacroCall, RustFile

Step = tuple[str, int | str]
"""One step into a value: ("item", 0), ("element", 0), ("variant", 0) or ("field", name)."""

_LANGUAGE = Language(tree_sitter_rust.language())
_CALL_LIKE = re.compile(
    r"(?:debug_)?assert(?:_\w+)?|ensure|bail|anyhow|panic|unreachable|todo|unimplemented|dbg|matches"
    r"|(?:e?print(?:ln)?|write(?:ln)?|format(?:_args)?)\Z"
)
_LISTS = ("vec", "smallvec", "arrayvec")
_COMMENTS = ("line_comment", "block_comment")
_SCOPED = ("scoped_identifier", "scoped_type_identifier")
_WRAPPED = ("parenthesized_expression", "reference_expression", "try_expression", "type_cast_expression")
_ELEMENTWISE = frozenset(
    [
        "iter",
        "iter_mut",
        "into_iter",
        "clone",
        "copied",
        "cloned",
        "as_slice",
        "as_ref",
        "to_vec",
        "collect",
        "skip",
        "take",
        "rev",
        "by_ref",
        "expect",
        "unwrap",
        "into",
        "borrow",
        "as_mut_slice",
        "to_owned",
        "step_by",
        "peekable",
        "fuse",
        "inspect",
        "filter",
        "unwrap_or_default",
        "chunks",
        "windows",
    ]
)
_PLAIN_STRING = re.compile(r'.\s*"([^"\\]*)"\s*,?\s*.')
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
_DEPTH_LIMIT = 2
_VALUE_DEPTH = 40
_STEP_LIMIT = 20_000


def strip(node: Node) -> Node:
    """Give what stands behind parentheses, `&`, `*`, `?` and casts."""
    while True:
        if node.type in _WRAPPED:
            inner = node.child_by_field_name("value") or next(iter(expressions(node)), None)
        elif node.type == "unary_expression" and node.children[0].type == "*":
            inner = node.children[-1]
        else:
            return node
        if inner is None:
            return node
        node = inner


def expressions(node: Node) -> list[Node]:
    """Give the named children that are not comments or attributes."""
    return [child for child in node.named_children if child.type not in (*_COMMENTS, "attribute_item")]


def arguments(call: Node) -> list[Node]:
    """Give the arguments of a call expression."""
    body = call.child_by_field_name("arguments")
    return [] if body is None else expressions(body)


@dataclass(frozen=True)
class Callee:
    """What a call expression calls: a method with its receiver, or a path. `generics` is the turbofish, if any."""

    name: str
    segments: tuple[str, ...]
    receiver: Node | None
    name_node: Node
    generics: Node | None


@dataclass(frozen=True, eq=False)
class Binder:
    """A name made by a let, parameter, closure, loop, pattern, const or static, and the bytes in which it is seen."""

    name: str
    node: Node
    kind: str
    start: int
    end: int
    value: Node | None
    path: tuple[Step, ...]
    type: Node | None
    statement: Node


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
            elif current.type in _SCOPED:
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
        for binder in _binders(self):
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
        if kind in _SCOPED:
            yield Atom("path", node)
            path = node.child_by_field_name("path")
            while path is not None and path.type in _SCOPED:
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
        if kind in (*_COMMENTS, "attribute_item", "use_declaration") or (kind == "function_item" and node != top):
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
        elif node.type in ("index_expression", *_WRAPPED, "unary_expression"):
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
        if call.name in _LISTS and opening == b"[":
            marks.append((call.name_node.start_byte, mark + 1))
        elif _CALL_LIKE.match(call.name) and opening == b"(":
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


# --- binders --------------------------------------------------------------------------------------------------------


def _binders(body: Body) -> Iterator[Binder]:
    kinds = (
        "let_declaration",
        "function_item",
        "closure_expression",
        "for_expression",
        "match_arm",
        "let_condition",
        "const_item",
        "static_item",
    )
    compiled = _may_be_compiled(body, body.node)
    for node in body.nodes(*kinds):
        if compiled and not _may_be_compiled(body, node):
            continue
        yield from _BINDS[node.type](body, node)


def _may_be_compiled(body: Body, node: Node) -> bool:
    condition = rust.local_cfg(body.file, node)
    return condition == cfg.TRUE or cfg.satisfiable(condition)


def _block_end(body: Body, node: Node) -> int:
    block = body.enclosing(node, "block")
    return (block or body.node).end_byte


def _let(body: Body, node: Node) -> Iterator[Binder]:
    pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
    kind = node.child_by_field_name("type")
    yield from _pattern(body, pattern, "let", (node.end_byte, _block_end(body, node)), value, kind, node)


def _parameters(body: Body, node: Node) -> Iterator[Binder]:
    inner = node.child_by_field_name("body")
    holder = node.child_by_field_name("parameters")
    if inner is None or holder is None:
        return
    scope = (inner.start_byte, inner.end_byte)
    for parameter in holder.named_children:
        if parameter.type == "parameter":
            pattern, kind = parameter.child_by_field_name("pattern"), parameter.child_by_field_name("type")
            yield from _pattern(body, pattern, "parameter", scope, None, kind, parameter)


def _closure(body: Body, node: Node) -> Iterator[Binder]:
    inner = node.child_by_field_name("body")
    holder = node.child_by_field_name("parameters")
    if inner is None or holder is None:
        return
    scope = (inner.start_byte, inner.end_byte)
    given = expressions(holder)
    for at, parameter in enumerate(given):
        typed = parameter.type == "parameter"
        pattern = parameter.child_by_field_name("pattern") if typed else parameter
        kind = parameter.child_by_field_name("type") if typed else None
        value, path = _given_to_closure(body, node, at, len(given))
        yield from _pattern(body, pattern, "closure", scope, value, kind, parameter, path)


def _given_to_closure(body: Body, closure: Node, at: int, count: int) -> tuple[Node | None, tuple[Step, ...]]:
    """Give what a closure that is an argument of a method call gets: an element of the receiver, or a fold's start."""
    holder = body.parent(closure)
    call = None if holder is None else body.parent(holder)
    if holder is None or holder.type != "arguments" or call is None:
        return None, ()
    callee = body.callee(call)
    if callee is None or callee.receiver is None:
        return None, ()
    if count == 2 and callee.name in ("fold", "try_fold", "scan"):
        return (arguments(call)[0], ()) if at == 0 else (callee.receiver, (("element", 0),))
    return callee.receiver, (("element", 0),)


def _for(body: Body, node: Node) -> Iterator[Binder]:
    pattern, value, inner = (node.child_by_field_name(name) for name in ("pattern", "value", "body"))
    if inner is not None:
        scope = (inner.start_byte, inner.end_byte)
        yield from _pattern(body, pattern, "for", scope, value, None, node, (("element", 0),))


def _arm(body: Body, node: Node) -> Iterator[Binder]:
    match = body.enclosing(node, "match_expression")
    pattern = node.child_by_field_name("pattern")
    value = None if match is None else match.child_by_field_name("value")
    yield from _pattern(body, pattern, "match", (node.start_byte, node.end_byte), value, None, node)


def _condition(body: Body, node: Node) -> Iterator[Binder]:
    around = body.enclosing(node, "if_expression", "while_expression", "match_arm")
    inner = None
    if around is not None:
        inner = around.child_by_field_name("consequence") or around.child_by_field_name("body")
    end = (inner or around or node).end_byte
    pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
    yield from _pattern(body, pattern, "match", (node.end_byte, end), value, None, node)


def _constant(body: Body, node: Node) -> Iterator[Binder]:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    block = body.enclosing(node, "block")
    if name is not None:
        scope = (block or body.node).start_byte, (block or body.node).end_byte
        kind = node.type.removesuffix("_item")
        yield Binder(body.text(name), name, kind, *scope, value, (), node.child_by_field_name("type"), node)


_BINDS = {
    "let_declaration": _let,
    "function_item": _parameters,
    "closure_expression": _closure,
    "for_expression": _for,
    "match_arm": _arm,
    "let_condition": _condition,
    "const_item": _constant,
    "static_item": _constant,
}


def _pattern(  # noqa: PLR0913, PLR0917 - what a pattern binds depends on all of these
    body: Body,
    pattern: Node | None,
    kind: str,
    scope: tuple[int, int],
    value: Node | None,
    type_: Node | None,
    statement: Node,
    path: tuple[Step, ...] = (),
) -> Iterator[Binder]:
    """Give the names of a pattern, each with the steps from the whole value to its part."""
    pending: list[tuple[Node, tuple[Step, ...], Node | None]] = [] if pattern is None else [(pattern, path, type_)]
    while pending:
        node, steps, of_type = pending.pop()
        if node.type in ("identifier", "shorthand_field_identifier"):
            yield Binder(body.text(node), node, kind, *scope, value, steps, of_type, statement)
        elif node.type in ("tuple_pattern", "slice_pattern"):
            parts = expressions(node)
            types = expressions(of_type) if of_type is not None and of_type.type == "tuple_type" else []
            for at, part in enumerate(parts):
                pending.append((part, (*steps, ("item", at)), types[at] if len(types) == len(parts) else None))
        elif node.type == "tuple_struct_pattern":
            parts = expressions(node)[1:]
            pending.extend((part, (*steps, ("variant", at)), None) for at, part in enumerate(parts))
        elif node.type == "field_pattern":
            name, inner = node.child_by_field_name("name"), node.child_by_field_name("pattern")
            field_name = "" if name is None else body.text(name)
            pending.extend(
                (part, (*steps, ("field", field_name)), None) for part in (inner or name,) if part is not None
            )
        elif node.type == "match_pattern":
            pending.extend((part, steps, of_type) for part in expressions(node)[:1])
        elif node.type in ("reference_pattern", "mut_pattern", "ref_pattern", "captured_pattern", "or_pattern"):
            pending.extend((part, steps, of_type) for part in expressions(node) if part.type != "mutable_specifier")
        elif node.type == "struct_pattern":
            pending.extend((part, steps, None) for part in expressions(node) if part.type == "field_pattern")


# --- files ----------------------------------------------------------------------------------------------------------


class Source:
    """What flow needs of one file: its functions, uses, type aliases, constants, and the bodies already parsed."""

    def __init__(self, file: RustFile) -> None:
        self.file = file
        self._bodies: dict[int, Body] = {}

    @cached_property
    def functions(self) -> dict[str, list[Function]]:
        """The functions with a body, by name."""
        found: dict[str, list[Function]] = {}
        for function in rust.functions(self.file):
            if function.body is not None:
                found.setdefault(function.name, []).append(function)
        return found

    @cached_property
    def macros(self) -> list[MacroCall]:
        """The macro calls that are read as plain expressions."""
        return [call for call in rust.macro_calls(self.file) if call.name in _LISTS or _CALL_LIKE.match(call.name)]

    def body(self, function: Function) -> Body:
        """Give the body of a function of this file."""
        return self._body(function.node, function)

    def constant(self, item: Node) -> Body:
        """Give the body of a const or static of this file."""
        return self._body(item, None)

    def _body(self, item: Node, function: Function | None) -> Body:
        if item.start_byte not in self._bodies:
            self._bodies[item.start_byte] = Body(self, item, function)
        return self._bodies[item.start_byte]

    @cached_property
    def constants(self) -> dict[str, list[Node]]:
        """The const and static items of modules, impls and blocks, by name."""
        found: dict[str, list[Node]] = {}
        for node in rust.find(self.file, "const_item", "static_item"):
            name = node.child_by_field_name("name")
            condition = rust.local_cfg(self.file, node)
            if name is not None and (condition == cfg.TRUE or cfg.satisfiable(condition)):
                found.setdefault(self.file.text_of(name), []).append(node)
        return found

    @cached_property
    def included(self) -> tuple[str, ...]:
        """The paths of the files that this one includes by a plain string."""
        folder = posixpath.dirname(self.file.path)
        bodies = (self.file.text_of(call.body) for call in rust.macro_calls(self.file) if call.name == "include")
        names = (match.group(1) for body in bodies if (match := _PLAIN_STRING.fullmatch(body)))
        return tuple(posixpath.normpath(posixpath.join(folder, name)) for name in names)

    @cached_property
    def uses(self) -> dict[str, list[tuple[int, int, tuple[str, ...]]]]:
        """What names are imported as, with the bytes in which that holds; `*` for globs."""
        found: dict[str, list[tuple[int, int, tuple[str, ...]]]] = {}
        for declaration in rust.find(self.file, "use_declaration"):
            scope = declaration.parent or self.file.root
            for leaf in rust.paths(self.file, declaration):
                name = "*" if leaf.glob else (leaf.alias or leaf.segments[-1])
                found.setdefault(name, []).append((scope.start_byte, scope.end_byte, leaf.segments))
        return found

    @cached_property
    def aliases(self) -> dict[str, list[tuple[int, int, Node]]]:
        """The `type X = ..;` items, with the bytes in which they are seen."""
        found: dict[str, list[tuple[int, int, Node]]] = {}
        for node in rust.find(self.file, "type_item"):
            name, value = node.child_by_field_name("name"), node.child_by_field_name("type")
            scope = node.parent
            if name is not None and value is not None and scope is not None:
                found.setdefault(self.file.text_of(name), []).append((scope.start_byte, scope.end_byte, value))
        return found

    def alias(self, name: str, at: int) -> Node | None:
        """Give the type that `name` is an alias of at byte `at`."""
        seen = [entry for entry in self.aliases.get(name, ()) if entry[0] <= at < entry[1]]
        return max(seen, key=lambda entry: entry[0])[2] if seen else None

    def resolve(self, segments: tuple[str, ...], at: int) -> tuple[str, ...]:
        """Replace the first segment by what it is imported as at byte `at`; one foreign glob may supply a name."""
        seen = [entry for entry in self.uses.get(segments[0], ()) if entry[0] <= at < entry[1]]
        if seen:
            whole = max(seen, key=lambda entry: entry[0])[2]
            return whole + segments[1:]
        if segments[0][:1].isupper() and segments[0] not in self._declared:
            outside = {
                entry[2]
                for entry in self.uses.get("*", ())
                if entry[0] <= at < entry[1] and entry[2] and entry[2][0] not in ("super", "self", "crate")
            }
            if len(outside) == 1:
                return next(iter(outside)) + segments
        return segments

    @cached_property
    def _declared(self) -> frozenset[str]:
        kinds = ("struct_item", "enum_item", "trait_item", "type_item", "union_item")
        names = (node.child_by_field_name("name") for node in rust.find(self.file, *kinds))
        return frozenset(self.file.text_of(name) for name in names if name is not None)


def source(target: Target, path: str) -> Source:
    """Give the flow view of one file (memoised). Raise UnreadableError as `rust.file` does."""
    return target.file_view(_source, path)


def _source(target: Target, path: str) -> Source:
    return Source(rust.file(target, path))


# --- places ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Frame:
    """A body as entered from a call: what its parameters stand for. `call` is the call site, None at the start."""

    body: Body
    given: Mapping[str, Place] = field(default_factory=dict)
    call: Place | None = None

    @property
    def depth(self) -> int:
        """How many calls lead here."""
        return 0 if self.call is None else self.call.frame.depth + 1


@dataclass(frozen=True, eq=False)
class Place:
    """An expression where it stands."""

    node: Node
    frame: Frame

    @property
    def body(self) -> Body:
        """The body it stands in."""
        return self.frame.body

    @property
    def text(self) -> str:
        """Its source text."""
        return self.frame.body.text(self.node)

    def at(self, node: Node) -> Place:
        """Give another expression of the same frame."""
        return Place(node, self.frame)

    @property
    def position(self) -> tuple[int, int]:
        """Where it starts."""
        return self.frame.body.file.position(self.node)


@dataclass(frozen=True)
class Call:
    """A call met in a trace: `path` is the resolved callee; of a method its name alone."""

    path: tuple[str, ...]
    method: bool
    place: Place


@dataclass
class Trace:
    """All that flows into a value: the places visited, calls, paths and types (resolved through uses), and strings."""

    calls: list[Call] = field(default_factory=list)
    paths: set[tuple[str, ...]] = field(default_factory=set)
    names: list[tuple[Binder, Place]] = field(default_factory=list)
    operations: list[Place] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    nodes: set[tuple[int, int]] = field(default_factory=set)


class Flow:
    """The engine over one target."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._holding: dict[tuple[str, bytes], list[str]] = {}
        self._below: dict[str, list[str]] = {}
        self._modules: dict[str, list[Source]] = {}
        self._frames: dict[tuple[int, int, int], Frame] = {}
        self._numbers: dict[tuple[int, int], float | None] = {}
        self.memo: dict[object, Any] = {}
        """What views that build on this one keep, by keys of their own."""

    def enter(self, path: str, function: Function) -> Frame:
        """Start at a function as a whole, its parameters unknown."""
        body = source(self.target, path).body(function)
        key = (id(body), 0, 0)
        if key not in self._frames:
            self._frames[key] = Frame(body)
        return self._frames[key]

    # --- one step ----------------------------------------------------------------------------------------------

    def binder(self, place: Place) -> Binder | None:
        """Give the binder of an identifier."""
        return place.body.binder(place.text.removeprefix("r#"), place.node.start_byte)

    def follow(self, place: Place) -> Place | None:
        """Give what an expression stands for one step back: a name's value, an alias of it, a constant's value.

        None when it stands for itself or cannot be followed. A name that is assigned again is not followed.
        """
        node = strip(place.node)
        if node.type not in ("identifier", *_SCOPED):
            return None if node is place.node or node == place.node else place.at(node)
        here = place.at(node)
        if node.type == "identifier":
            binder = self.binder(here)
            if binder is not None:
                return self.bound(binder, here.frame)
        return self.constant(here)

    def bound(self, binder: Binder, frame: Frame) -> Place | None:
        """Give the value of a binder, its part where a pattern takes one; None when unknown or assigned again."""
        if binder.kind in ("parameter", "closure") and binder.name in frame.given and binder.value is None:
            return frame.given[binder.name]
        if binder.value is None or (binder.kind == "let" and self._reassigned(binder, frame)):
            return None
        return self.project(Place(binder.value, frame), binder.path)

    def _reassigned(self, binder: Binder, frame: Frame) -> bool:
        return any(value.start_byte > binder.start for value in frame.body.changes(binder))

    def project(self, place: Place, path: tuple[Step, ...], *, to_name: bool = False) -> Place:
        """Take the steps of a pattern into a value as far as they can be known; the whole value otherwise.

        With `to_name`, stop at the first name on the way.
        """
        for _ in range(64):
            if not path or (to_name and strip(place.node).type == "identifier"):
                return place
            following = self._project(place, path)
            if following is None:
                return place
            place, path = following
        return place

    def _project(self, place: Place, path: tuple[Step, ...]) -> tuple[Place, tuple[Step, ...]] | None:  # noqa: PLR0911 - one return per form
        node = strip(place.node)
        (kind, index), rest = path[0], path[1:]
        if node.type == "call_expression":
            return self._project_call(place.at(node), path)
        if node.type in ("tuple_expression", "array_expression") and kind == "item":
            parts = expressions(node)
            return (place.at(parts[int(index)]), rest) if int(index) < len(parts) else None
        if node.type == "struct_expression" and kind == "field":
            value = struct_field(place.body, node, str(index))
            return None if value is None else (place.at(value), rest)
        if node.type == "block":
            last = tail(node)
            return None if last is None else (place.at(last), path)
        if node.type == "identifier":
            binder = self.binder(place.at(node))
            bound = None if binder is None else self.bound(binder, place.frame)
            return None if bound is None or bound.node == node else (bound, path)
        if node != place.node:
            return place.at(node), path
        return None

    def _project_call(self, place: Place, path: tuple[Step, ...]) -> tuple[Place, tuple[Step, ...]] | None:  # noqa: PLR0911 - one return per form
        callee = place.body.callee(place.node)
        if callee is None:
            return None
        (kind, index), rest = path[0], path[1:]
        given = arguments(place.node)
        if kind == "element" and callee.receiver is not None:
            if callee.name == "enumerate":
                return (place.at(callee.receiver), (path[0], *rest[1:])) if rest[:1] == (("item", 1),) else None
            if callee.name == "zip" and given and rest[:1] in ((("item", 0),), (("item", 1),)):
                side = callee.receiver if rest[0][1] == 0 else given[0]
                return place.at(side), (path[0], *rest[1:])
            return (place.at(callee.receiver), path) if callee.name in _ELEMENTWISE else None
        if kind == "element" and callee.name in ("zip", "izip") and rest and rest[0][0] == "item":
            at = int(rest[0][1])
            return (place.at(given[at]), (path[0], *rest[1:])) if at < len(given) else None
        if kind == "variant" and callee.name[:1].isupper() and int(index) < len(given):
            return place.at(given[int(index)]), rest
        if callee.receiver is not None and callee.name in ("expect", "unwrap", "clone", "iter", "into_iter"):
            return place.at(callee.receiver), path
        frame = self.call(place)
        last = None if frame is None or frame.body.block is None else tail(frame.body.block)
        return None if frame is None or last is None else (Place(last, frame), path)

    # --- functions and constants -------------------------------------------------------------------------------

    def call(self, place: Place) -> Frame | None:
        """Enter the local function or closure that a call expression calls, or None. Recursion is not entered."""
        key = (id(place.frame), place.node.start_byte, place.node.end_byte)
        if key in self._frames:
            return self._frames[key]
        if place.frame.depth >= _DEPTH_LIMIT:
            return None
        body = self._called(place)
        if body is None or body is place.body:
            return None
        given = arguments(place.node)
        holder = body.node.child_by_field_name("parameters")
        names = [] if holder is None else [child for child in holder.named_children if child.type == "parameter"]
        frame_given = {}
        for parameter, argument in zip(names, given, strict=False):
            pattern = parameter.child_by_field_name("pattern")
            if pattern is not None:
                name = next(iter(rust.walk(pattern, "identifier")), None)
                if name is not None:
                    frame_given[body.text(name)] = place.at(argument)
        frame = self._frames[key] = Frame(body, frame_given, place)
        return frame

    def _called(self, place: Place) -> Body | None:  # noqa: PLR0911 - one return per form of callee
        callee = place.body.callee(place.node)
        if callee is None:
            return None
        if callee.receiver is not None:
            own = place.body.function
            if own is None or own.owner is None or place.body.text(callee.receiver) != "self":
                return None
            return self._local(place, callee.name, own.owner)
        if len(callee.segments) == 1:
            if place.body.binder(callee.name, place.node.start_byte) is not None:
                return None
            local = self._local(place, callee.name, None) or self._beside(place, callee.name)
            if local is not None:
                return local
        elif callee.segments[-2] == "Self" and place.body.function is not None:
            return self._local(place, callee.name, place.body.function.owner)
        elif callee.segments[-2][:1].isupper():
            return self._local(place, callee.name, callee.segments[-2])
        return self._elsewhere(place, place.body.source.resolve(callee.segments, place.node.start_byte))

    def _local(self, place: Place, name: str, owner: str | None) -> Body | None:
        found = [entry for entry in place.body.source.functions.get(name, ()) if entry.owner == owner]
        own = place.body.function
        if len(found) > 1 and own is not None:
            shared = [entry for entry in found if own.scope[: len(entry.scope)] == entry.scope]
            found = [max(shared, key=lambda entry: len(entry.scope))] if shared else []
        return place.body.source.body(found[0]) if len(found) == 1 else None

    def _beside(self, place: Place, name: str) -> Body | None:
        """Find the one free function in a file that an `include!` puts into the same module."""
        if name in place.body.source.functions or name in place.body.source.uses:
            return None
        found = [
            (there, entry)
            for there in self._spliced(place.body.file.path)
            for entry in there.functions.get(name, ())
            if entry.owner is None
        ]
        return found[0][0].body(found[0][1]) if len(found) == 1 else None

    def _spliced(self, path: str) -> list[Source]:
        """Give the other files that `include!` puts into the same module as `path`: its parts, or its whole."""
        if path not in self._modules:
            wholes = [name for name in self._including(path) if path in source(self.target, name).included]
            parts = [part for name in (path, *wholes) for part in source(self.target, name).included]
            names = dict.fromkeys(name for name in (*wholes, *parts) if name != path and self.target.exists(name))
            self._modules[path] = [source(self.target, name) for name in names]
        return self._modules[path]

    def _including(self, path: str) -> list[str]:
        """Give the files with an `include!` in the package that holds `path`."""
        try:
            package = cargo.workspace(self.target).package_of(path)
        except SubjectMissingError:
            return []
        return [] if package is None else self._files_with(package, b"include!")

    def _elsewhere(self, place: Place, path: tuple[str, ...]) -> Body | None:
        """Find the one free function of a path in another file of its package."""
        if len(path) < 2:
            return None
        found: list[tuple[Source, Function]] = []
        for name in self._files_of(place.body.file.path, path, b"fn " + path[-1].encode()):
            there = source(self.target, name)
            found.extend((there, entry) for entry in there.functions.get(path[-1], ()) if entry.owner is None)
        found = _of_module(found, path)
        return found[0][0].body(found[0][1]) if len(found) == 1 else None

    def _files_of(self, origin: str, path: tuple[str, ...], needle: bytes) -> list[str]:
        """Give the files that hold `needle` in the package that a path leads to, seen from `origin`."""
        try:
            workspace = cargo.workspace(self.target)
        except SubjectMissingError:
            return []
        package = workspace.package_of(origin)
        if path[0] in self._libraries:
            package = self._libraries[path[0]]
        elif package is None or path[0] in _FOREIGN or path[0] in {one.crate for one in package.dependencies}:
            return []
        return self._files_with(package, needle)

    def _files_with(self, package: Package, needle: bytes) -> list[str]:
        key = (package.root, needle)
        if key not in self._holding:
            self._holding[key] = self.target.containing([needle], self._files_below(package.root))
        return self._holding[key]

    def _files_below(self, root: str) -> list[str]:
        """Give the Rust files of a folder, found by bisection in the sorted paths."""
        if root not in self._below:
            paths = self.target.paths
            start = bisect_left(paths, f"{root}/") if root else 0
            end = bisect_left(paths, f"{root}0", start) if root else len(paths)  # "0" follows "/"
            self._below[root] = [name for name in paths[start:end] if name.endswith(".rs")]
        return self._below[root]

    @cached_property
    def _libraries(self) -> dict[str, Package]:
        packages = cargo.workspace(self.target).all_packages
        libraries = ((package.target("lib"), package) for package in packages)
        return {library.crate: package for library, package in libraries if library is not None}

    def constant(self, place: Place) -> Place | None:
        """Give the value of the const or static that a name or path stands for, in this file or elsewhere."""
        item = self.constant_item(place)
        value = None if item is None else item.node.child_by_field_name("value")
        return None if item is None or value is None else item.at(value)

    def constant_item(self, place: Place) -> Place | None:
        """Give the const or static item that a name or path refers to."""
        node = place.node
        segments = place.body.segments(node)
        if not segments or not segments[-1] or segments[0] in ("f32", "f64"):
            return None
        if node.type == "identifier":
            binder = self.binder(place)
            if binder is not None:
                return place.at(binder.statement) if binder.kind in ("const", "static") else None
        here = place.body.source
        found = [(here, item) for item in here.constants.get(segments[-1], ())]
        if len(segments) > 1 or not found:
            path = here.resolve(segments, node.start_byte)
            if len(path) > 1 and path[0] not in ("self", "Self"):
                needle = path[-1].encode()
                elsewhere = [
                    (there, item)
                    for name in self._files_of(here.file.path, path, needle)
                    for there in (source(self.target, name),)
                    for item in there.constants.get(path[-1], ())
                ]
                found = _of_module(elsewhere, path) or found
        if not found and len(segments) == 1:
            beside = self._spliced(here.file.path)
            found = [(there, one) for there in beside for one in there.constants.get(segments[0], ())]
        if len(found) != 1:
            return None
        there, item = found[0]
        body = there.constant(item)
        key = (id(body), 0, 0)
        if key not in self._frames:
            self._frames[key] = Frame(body)
        return Place(body.node, self._frames[key])

    # --- values ------------------------------------------------------------------------------------------------

    def number(self, place: Place, depth: int = 0) -> float | None:
        """Give the number an expression is, through names, constants, casts and arithmetic, or None (memoised)."""
        key = (place.node.id, id(place.frame))
        if key not in self._numbers:
            if depth > _VALUE_DEPTH:
                return None
            self._numbers[key] = None
            self._numbers[key] = self._number(place, depth)
        return self._numbers[key]

    def _number(self, place: Place, depth: int) -> float | None:  # noqa: PLR0911 - one return per form
        node = strip(place.node)
        if node.type in ("integer_literal", "float_literal"):
            return _literal(place.body.text(node))
        if node.type == "unary_expression" and node.children[0].type == "-":
            inner = self.number(place.at(node.children[-1]), depth + 1)
            return None if inner is None else -inner
        if node.type == "binary_expression":
            return self._arithmetic(place.at(node), depth)
        if node.type in _SCOPED:
            segments = place.body.segments(node)
            known = _FLOATS.get(segments[-1]) if len(segments) > 1 and segments[-2] in ("f32", "f64") else None
            if known is not None:
                return known[0] if segments[-2] == "f32" else known[1]
        if node.type == "call_expression":
            return self._number_of_call(place.at(node), depth)
        if node.type in ("field_expression", "index_expression"):
            part = self._part(place.at(node), depth)
            return None if part is None else self.number(part, depth + 1)
        if node.type == "block":
            last = tail(node) if len(expressions(node)) == 1 else None
            return None if last is None else self.number(place.at(last), depth + 1)
        following = self.follow(place.at(node))
        return None if following is None else self.number(following, depth + 1)

    def _part(self, place: Place, depth: int) -> Place | None:
        """Give what a field or an index takes out of a tuple, array or struct that is written down."""
        base = place.at(expressions(place.node)[0])
        for _ in range(_DEPTH_LIMIT + 1):
            following = self.follow(base)
            base = base if following is None else following
        whole = strip(base.node)
        if place.node.type == "field_expression":
            name = place.node.child_by_field_name("field")
            key = "" if name is None else place.body.text(name)
            if whole.type == "struct_expression":
                value = struct_field(base.body, whole, key)
                return None if value is None else base.at(value)
            return _element(base, whole, "tuple_expression", float(key) if key.isdigit() else None)
        return _element(base, whole, "array_expression", self.number(place.at(expressions(place.node)[-1]), depth + 1))

    def _arithmetic(self, place: Place, depth: int) -> float | None:
        left, right, operator = (place.node.child_by_field_name(name) for name in ("left", "right", "operator"))
        if left is None or right is None or operator is None:
            return None
        a, b = self.number(place.at(left), depth + 1), self.number(place.at(right), depth + 1)
        if a is None or b is None:
            return None
        results = {"+": a + b, "-": a - b, "*": a * b}
        if operator.type == "/" and b:
            whole = all(side.type == "integer_literal" and "f" not in place.body.text(side) for side in (left, right))
            return a // b if whole else a / b
        return results.get(operator.type)

    def _number_of_call(self, place: Place, depth: int) -> float | None:
        callee = place.body.callee(place.node)
        if callee is None:
            return None
        given = [self.number(place.at(argument), depth + 1) for argument in arguments(place.node)]
        if callee.receiver is None:
            if callee.segments[-2:-1] in (("f32",), ("f64",)):
                numbers = [number for number in given if number is not None]
                return _computed(callee.name, numbers) if given and len(numbers) == len(given) else None
            frame = self.call(place)
            last = None if frame is None or frame.body.block is None else tail(frame.body.block)
            return None if frame is None or last is None else self.number(Place(last, frame), depth + 1)
        value = self.number(place.at(callee.receiver), depth + 1)
        if value is None:
            return None
        numbers = [number for number in given if number is not None]
        return _computed(callee.name, [value, *numbers]) if len(numbers) == len(given) else None

    # --- everything that flows in ------------------------------------------------------------------------------

    def trace(self, *places: Place) -> Trace:
        """Collect all that flows into the places, through names, pushes, closures and local functions."""
        found = Trace()
        pending = list(places)
        for _ in range(_STEP_LIMIT):
            if not pending:
                break
            place = pending.pop()
            key = (place.node.id, id(place.frame))
            if key in found.nodes:
                continue
            found.nodes.add(key)
            for atom in place.body.atoms(place.node):
                pending.extend(self._visit(atom, place.at(atom.node), found))
        return found

    def trace_names(self, place: Place) -> list[Binder]:
        """Give the binders of all names that flow into an expression within its own body."""
        return [binder for binder, _ in self.trace(place).names]

    def _visit(self, atom: Atom, place: Place, found: Trace) -> Iterator[Place]:
        body = place.body
        if atom.kind == "name":
            binder = self.binder(place)
            if binder is not None:
                found.names.append((binder, place))
                yield from self._flowing(binder, place.frame)
            else:
                found.paths.add(body.source.resolve((place.text.removeprefix("r#"),), place.node.start_byte))
        elif atom.kind == "type":
            yield from self._type(place, found)
        elif atom.kind == "path":
            found.paths.update(self._path(place))
        elif atom.kind == "call":
            callee = body.callee(place.node)
            if callee is not None:
                method = callee.receiver is not None
                path = callee.segments if method else body.source.resolve(callee.segments, place.node.start_byte)
                found.calls.append(Call(path, method, place))
                frame = self.call(place)
                if frame is not None and frame.body.block is not None:
                    yield from (Place(node, frame) for node in _results(frame.body.block))
        elif atom.kind == "operation":
            found.operations.append(place)
        elif atom.kind == "string":
            found.strings.append(rust.string(body.file, place.node).value)

    def _path(self, place: Place) -> Iterator[tuple[str, ...]]:
        segments = place.body.segments(place.node)
        if not segments:
            return
        yield place.body.source.resolve(segments, place.node.start_byte)
        alias = place.body.source.alias(segments[0], place.node.start_byte)
        if alias is not None:
            for name in rust.walk(alias, "type_identifier"):
                yield place.body.source.resolve((place.body.text(name),), name.start_byte)

    def _type(self, place: Place, found: Trace) -> Iterator[Place]:
        name = place.text
        alias = place.body.source.alias(name, place.node.start_byte)
        if alias is None or alias.start_byte <= place.node.start_byte < alias.end_byte:
            found.paths.add(place.body.source.resolve((name,), place.node.start_byte))
            return
        yield place.at(alias)

    def _flowing(self, binder: Binder, frame: Frame) -> Iterator[Place]:
        """Give all values that a name may hold, and its declared type."""
        given = frame.given.get(binder.name) if binder.kind in ("parameter", "closure") else None
        if given is not None and binder.value is None:
            yield given
        elif binder.value is not None:
            yield self.project(Place(binder.value, frame), binder.path)
        elif binder.kind == "closure":
            yield from self._closure_arguments(binder, frame)
        if binder.type is not None:
            yield Place(binder.type, frame)
        for value in frame.body.changes(binder):
            yield Place(value, frame)

    def _closure_arguments(self, binder: Binder, frame: Frame) -> Iterator[Place]:
        """Give what the calls of a let-bound closure pass for one of its parameters."""
        body = frame.body
        closure = body.enclosing(binder.node, "closure_expression")
        holder = None if closure is None else body.parent(closure)
        if closure is None or holder is None or holder.type != "let_declaration":
            return
        parameters = closure.child_by_field_name("parameters")
        index = [child.start_byte for child in expressions(parameters)] if parameters is not None else []
        at = sum(start <= binder.node.start_byte for start in index) - 1
        for call in body.calls:
            callee = body.callee(call)
            if callee is None or callee.receiver is not None or len(callee.segments) != 1:
                continue
            named = body.binder(callee.name, call.start_byte)
            given = arguments(call)
            if named is not None and named.value == closure and at < len(given):
                yield Place(given[at], frame)


_Entry = TypeVar("_Entry")


def _of_module(found: list[tuple[Source, _Entry]], path: tuple[str, ...]) -> list[tuple[Source, _Entry]]:
    """Keep, of several items of one name, those whose file is named as the module in the path."""
    if len(found) < 2:
        return found
    return [entry for entry in found if _module_name(entry[0].file.path) == path[-2]] or found


def _module_name(path: str) -> str:
    folder, name = posixpath.split(path)
    return posixpath.basename(folder) if name == "mod.rs" else name.removesuffix(".rs")


def flow(target: Target) -> Flow:
    """Give the engine of a target (memoised)."""
    return target.view(Flow)


_FOREIGN = frozenset(
    ["std", "core", "alloc", "bool", "char", "str", "f32", "f64"]
    + [f"{sign}{width}" for sign in "iu" for width in ("8", "16", "32", "64", "128", "size")]
)
"""What paths into the standard library and to the methods of primitive types begin with."""
_FLOATS = {
    "EPSILON": (2.0**-23, 2.0**-52),
    "MAX": (3.4028234663852886e38, 1.7976931348623157e308),
    "INFINITY": (float("inf"), float("inf")),
    "MIN_POSITIVE": (2.0**-126, 2.0**-1022),
}


_ONE_ARGUMENT: dict[str, Callable[[float], float]] = {
    "from": float,
    "clone": float,
    "into": float,
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "ln": math.log,
    "recip": lambda value: 1 / value,
}
_TWO_ARGUMENTS: dict[str, Callable[[float, float], float]] = {
    "powi": math.pow,
    "powf": math.pow,
    "max": max,
    "min": min,
}


def _computed(name: str, numbers: list[float]) -> float | None:
    """Give what a method of f32 and f64 makes of numbers, its own first; None where it is unknown or undefined."""
    one, two = _ONE_ARGUMENT.get(name), _TWO_ARGUMENTS.get(name)
    try:
        if one is not None and len(numbers) == 1:
            return one(numbers[0])
        return two(*numbers) if two is not None and len(numbers) == 2 else None
    except (ArithmeticError, ValueError):
        return None


def _element(base: Place, whole: Node, kind: str, index: float | None) -> Place | None:
    parts = expressions(whole) if whole.type == kind else []
    if any(child.type == ";" for child in whole.children):
        return base.at(parts[0]) if parts else None
    return base.at(parts[int(index)]) if index is not None and 0 <= index < len(parts) else None


def _literal(text: str) -> float | None:
    match = re.fullmatch(r"([0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?_*[0-9][0-9_]*)?)_?(?:[iuf]\w+)?", text)
    if match is None:
        try:
            return float(int(re.sub(r"_|[iu](?:8|16|32|64|128|size)\Z", "", text), 0))
        except ValueError:
            return None
    return float(match.group(1).replace("_", ""))


def struct_field(body: Body, node: Node, name: str) -> Node | None:
    """Give the value of a field in a struct expression."""
    fields = node.child_by_field_name("body")
    for entry in [] if fields is None else expressions(fields):
        if entry.type == "field_initializer":
            label, value = entry.child_by_field_name("field"), entry.child_by_field_name("value")
            if label is not None and body.text(label) == name:
                return value
        elif entry.type == "shorthand_field_initializer" and body.text(entry) == name:
            return next(iter(expressions(entry)), None)
    return None


def tail(block: Node) -> Node | None:
    """Give the expression that a block ends with, or None."""
    last = next((child for child in reversed(block.named_children) if child.type not in _COMMENTS), None)
    if last is None or last.type in ("let_declaration", "empty_statement") or last.type.endswith("_item"):
        return None
    if last.type == "expression_statement":
        return None if last.children[-1].type == ";" else last.children[0]
    return last


def _results(block: Node) -> list[Node]:
    """Give what a function's body can return: its tail and every `return`."""
    found = [] if (last := tail(block)) is None else [last]
    for node in rust.walk(block, "return_expression"):
        found.extend(expressions(node)[:1])
    return found
