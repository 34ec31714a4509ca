"""Steps in the syntax of expressions that every reader of data flow takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_mens.views.flow.body import Body

COMMENTS = ("line_comment", "block_comment")
SCOPED = ("scoped_identifier", "scoped_type_identifier")
WRAPPED = ("parenthesized_expression", "reference_expression", "try_expression", "type_cast_expression")


def strip(node: Node) -> Node:
    """Give what stands behind parentheses, `&`, `*`, `?` and casts."""
    while True:
        if node.type in WRAPPED:
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
    return [child for child in node.named_children if child.type not in (*COMMENTS, "attribute_item")]


def arguments(call: Node) -> list[Node]:
    """Give the arguments of a call expression."""
    body = call.child_by_field_name("arguments")
    return [] if body is None else expressions(body)


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
    last = next((child for child in reversed(block.named_children) if child.type not in COMMENTS), None)
    if last is None or last.type in ("let_declaration", "empty_statement") or last.type.endswith("_item"):
        return None
    if last.type == "expression_statement":
        return None if last.children[-1].type == ";" else last.children[0]
    return last


def results(block: Node) -> list[Node]:
    """Give what a function's body can return: its tail and every `return`."""
    found = [] if (last := tail(block)) is None else [last]
    for node in rust.walk(block, "return_expression"):
        found.extend(expressions(node)[:1])
    return found
