"""What the names in a function are bound to: lets, parameters, closures, loops, patterns, constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views import cfg, rust
from pytest_mens.views.flow.syntax import arguments, expressions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.views.flow.body import Body

Step = tuple[str, int | str]
"""One step into a value: ("item", 0), ("element", 0), ("variant", 0) or ("field", name)."""


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


def binders(body: Body) -> Iterator[Binder]:
    """Give every name that an item binds where it may be compiled."""
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
