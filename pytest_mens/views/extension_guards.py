"""Guards on a file's extension: the branches that run for it, however the guard is written.

Variables of the function, constants of its file, and helper functions that return the comparison are followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tree_sitter import Node

    from pytest_mens.views.rust import Function, RustFile


def branches(
    function: Function, extension: str, conditional: Collection[str], helpers: Collection[str] = ()
) -> Iterator[Node]:
    """Give the branches that run for a file of that extension, and the macros that demand another.

    `conditional` names the macros that demand what their first argument says, `helpers` the functions of other files
    that tell whether a file has the extension.
    """
    file, body = function.file, function.body
    if body is None:
        return
    named = _extension_names(file, function, extension).union(helpers)

    def mentions(node: Node | None) -> list[Node]:
        if node is None:
            return []
        texts = [literal.node for literal in rust.strings(file, node) if _is(literal.value, extension)]
        return texts + [name for name in rust.walk(node, "identifier") if file.text_of(name) in named]

    for node in rust.walk(body, "if_expression", "match_arm", "macro_invocation"):
        if node.type == "if_expression":
            condition = node.child_by_field_name("condition")
            found = mentions(condition)
            if found and condition is not None:
                yield from _branch(file, node, negated=all(_negated(file, mention, condition) for mention in found))
        elif node.type == "match_arm":
            value = node.child_by_field_name("value")
            if mentions(node.child_by_field_name("pattern")) and value is not None:
                yield value
        elif file.text_of(node).partition("!")[0].rpartition("::")[2].strip() in conditional and mentions(node):
            yield node


def tellers(file: RustFile, extension: str) -> frozenset[str]:
    """Give the functions of a file that tell whether a file has the extension."""
    found: set[str] = set()
    for function in rust.functions(file):
        result = function.node.child_by_field_name("return_type")
        if result is not None and file.text_of(result) == "bool" and _tells(file, function.body, extension):
            found.add(function.name)
    return frozenset(found)


def _is(text: str, extension: str) -> bool:
    return text in (extension, f".{extension}")


def _tells(file: RustFile, node: Node | None, extension: str) -> bool:
    return node is not None and any(_is(literal.value, extension) for literal in rust.strings(file, node))


def _extension_names(file: RustFile, function: Function, extension: str) -> frozenset[str]:
    """Give the variables, constants and helper functions that are the extension or tell whether a file has it."""
    found = set(tellers(file, extension))
    for node in rust.walk(function.node, "let_declaration"):
        pattern, value = (node.child_by_field_name(name) for name in ("pattern", "value"))
        if pattern is None or value is None or any(rust.walk(value, "block")):
            continue
        if _tells(file, value, extension):
            found.update(file.text_of(name) for name in rust.walk(pattern, "identifier"))
    for node in rust.walk(file.root, "const_item", "static_item"):
        name, value = (node.child_by_field_name(name) for name in ("name", "value"))
        if name is not None and _tells(file, value, extension):
            found.add(file.text_of(name))
    return frozenset(found)


def _negated(file: RustFile, mention: Node, condition: Node) -> bool:
    """Tell whether the part of a condition that mentions the extension holds when the file has another."""
    count = 0
    node: Node | None = mention
    while node is not None:
        if node.type == "unary_expression":
            count += file.source[node.start_byte : node.start_byte + 1] == b"!"
        elif node.type == "binary_expression":
            operator = node.child_by_field_name("operator")
            count += operator is not None and operator.type == "!="
        node = None if node == condition else node.parent
    return count % 2 == 1


def _branch(file: RustFile, node: Node, *, negated: bool) -> Iterator[Node]:
    """Give the branch of an `if` that is taken when the extension is there.

    That may be what follows the `if`: when it leaves the function in peace for every other extension.
    """
    consequence, alternative = (node.child_by_field_name(name) for name in ("consequence", "alternative"))
    if not negated:
        yield from () if consequence is None else (consequence,)
    elif alternative is not None:
        yield alternative
    elif consequence is not None and _LEAVES.search(file.text_of(consequence)):
        statement = node.parent if node.parent is not None and node.parent.type == "expression_statement" else node
        following = statement.next_named_sibling
        while following is not None:
            yield following
            following = following.next_named_sibling


_LEAVES = re.compile(r"\breturn(?:\s+Ok\s*\(.*\))?\s*;?\s*\}\Z", re.DOTALL)
