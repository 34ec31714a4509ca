"""Guards on a file's extension: the branches that run for it, however the guard is written.

Variables of the function and helper functions of its file that hold or return the comparison are followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tree_sitter import Node

    from pytest_mens.views.rust import Function, RustFile


def branches(function: Function, extension: str, conditional: Collection[str]) -> Iterator[Node]:
    """Give the branches that run for a file of that extension, and the macros that demand another.

    `conditional` names the macros that demand what their first argument says.
    """
    file, body = function.file, function.body
    if body is None:
        return
    named = _extension_names(file, function, extension)

    def mentions(node: Node | None) -> bool:
        return node is not None and (
            any(literal.value in (extension, f".{extension}") for literal in rust.strings(file, node))
            or any(file.text_of(name) in named for name in rust.walk(node, "identifier"))
        )

    for node in rust.walk(body, "if_expression", "match_arm", "macro_invocation"):
        if node.type == "if_expression":
            condition = node.child_by_field_name("condition")
            if mentions(condition) and condition is not None:
                yield from _branch(node, negated=_negated(file, condition))
        elif node.type == "match_arm":
            value = node.child_by_field_name("value")
            if mentions(node.child_by_field_name("pattern")) and value is not None:
                yield value
        elif file.text_of(node).partition("!")[0].rpartition("::")[2].strip() in conditional and mentions(node):
            yield node


def _extension_names(file: RustFile, function: Function, extension: str) -> frozenset[str]:
    """Give the variables and helper functions that tell whether a file has the extension."""
    found: set[str] = set()

    def tells(node: Node | None) -> bool:
        return node is not None and any(
            literal.value in (extension, f".{extension}") for literal in rust.strings(file, node)
        )

    for node in rust.walk(function.node, "let_declaration"):
        pattern, value = (node.child_by_field_name(name) for name in ("pattern", "value"))
        if pattern is not None and value is not None and tells(value) and not any(rust.walk(value, "block")):
            found.update(file.text_of(name) for name in rust.walk(pattern, "identifier"))
    for other in rust.functions(file):
        result = other.node.child_by_field_name("return_type")
        if result is not None and file.text_of(result) == "bool" and tells(other.body):
            found.add(other.name)
    return frozenset(found)


def _negated(file: RustFile, condition: Node) -> bool:
    """Tell whether a condition holds when the extension is another."""
    negations = sum(
        file.source[node.start_byte : node.start_byte + 1] == b"!" for node in rust.walk(condition, "unary_expression")
    )
    unequal = sum(True for _ in rust.walk(condition, "!="))
    return (negations + unequal) % 2 == 1


def _branch(node: Node, *, negated: bool) -> Iterator[Node]:
    """Give the branch of an `if` that is taken when the extension is there; without `else`, what follows it."""
    alternative = node.child_by_field_name("alternative")
    if not negated:
        consequence = node.child_by_field_name("consequence")
        yield from () if consequence is None else (consequence,)
    elif alternative is not None:
        yield alternative
    else:
        statement = node.parent if node.parent is not None and node.parent.type == "expression_statement" else node
        following = statement.next_named_sibling
        while following is not None:
            yield following
            following = following.next_named_sibling
