"""How a function tests a path for an extension: the names made from the path, and the comparisons with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tree_sitter import Node

    from pytest_mens.views.rust import Function, RustFile

_FOLDING = re.compile(r"\b(?:to_(?:ascii_)?lowercase|to_(?:ascii_)?uppercase|eq_ignore_ascii_case|make_ascii_\w+)\b")
_EXTENSION = re.compile(r"\bextension\(\s*\)")
_FAULTS = (
    (
        re.compile(r"""r?split(?:_once)?\(\s*['"]/['"]\s*\)"""),
        "splits the path at `/` only, which is not the only separator",
    ),
    (
        re.compile(r"""split\(\s*['"]\.['"]\s*\)\s*\.\s*nth\(\s*1\s*\)"""),
        "takes `split('.').nth(1)` for the extension, which is the second segment of any name",
    ),
    (
        re.compile(
            r"""(?<!r)split(?:_once\(\s*['"]\.['"]\s*\)|\(\s*['"]\.['"]\s*\)\s*\.\s*skip\(\s*1\s*\)\s*\.\s*next\(\s*\))"""
        ),
        "takes what follows the first dot for the extension, which is not the last one",
    ),
)
"""Ways to take a path apart that miss its extension."""
_BINDING = ("let_declaration", "field_pattern", "tuple_pattern", "tuple_struct_pattern", "parameter", "mut_pattern")
_EXPRESSION_PARTS = (
    "arguments",
    "field_expression",
    "closure_expression",
    "parenthesized_expression",
    "reference_expression",
    "unary_expression",
    "array_expression",
    "token_tree",
    "try_expression",
    "block",
)
_STEPS = 3
"""Bindings that are followed from a name."""


# --- names made from the path ---------------------------------------------------------------------------------------


def parameters(function: Function) -> list[str]:
    """Give the names of a function's parameters, `self` left out."""
    listed = function.node.child_by_field_name("parameters")
    patterns = [
        node.child_by_field_name("pattern")
        for node in ([] if listed is None else listed.named_children)
        if node.type == "parameter"
    ]
    return [function.file.text_of(node).removeprefix("mut ") for node in patterns if node is not None]


def derived(function: Function, subjects: Collection[str]) -> set[str]:
    """Give the names in a function that are the path or made from it."""
    file = function.file
    names = {name for name in parameters(function) if any(word in name for word in subjects)}
    for node in rust.walk(function.node, "identifier", "shorthand_field_identifier", "field_identifier"):
        parent = node.parent
        if parent is None or not any(word in file.text_of(node) for word in subjects):
            continue
        if parent.type in _BINDING or (parent.type == "field_expression" and not _is_method(node)):
            names.add(file.text_of(node))
    return closed(function, names)


def closed(function: Function, names: set[str]) -> set[str]:
    """Add the names that are bound to something made from `names`."""
    if not names:
        return names
    for _ in range(_STEPS):
        for bound, value in bindings(function.file, function.body or function.node):
            single = value.type not in ("if_expression", "match_expression", "block") and len(bound) == 1
            if single and mentions(function.file, value, names):
                names = names | bound
    return names


def bindings(file: RustFile, body: Node) -> Iterator[tuple[set[str], Node]]:
    """Give the names that lets, loops and assignments bind, with what they bind them to."""
    for node in rust.walk(body, "let_declaration", "let_condition", "for_expression", "assignment_expression"):
        left = node.child_by_field_name("pattern") or node.child_by_field_name("left")
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        if left is not None and value is not None:
            names = {file.text_of(inner) for inner in rust.walk(left, "identifier", "shorthand_field_identifier")}
            yield {name for name in names if not name[:1].isupper()}, value


def mentions(file: RustFile, node: Node, names: set[str]) -> bool:
    """Tell whether an expression holds one of the names, other than as a method's."""
    text = file.source[node.start_byte : node.end_byte]
    return any(name.encode() in text for name in names) and any(
        file.text_of(inner) in names and not _is_method(inner)
        for inner in rust.walk(node, "identifier", "shorthand_field_identifier", "field_identifier")
    )


def _is_method(node: Node) -> bool:
    around = None if node.type != "field_identifier" or node.parent is None else node.parent.parent
    return (
        around is not None
        and around.type == "call_expression"
        and around.child_by_field_name("function") == node.parent
    )


# --- comparisons ----------------------------------------------------------------------------------------------------


def comparison(file: RustFile, literal: Node) -> Node | None:  # noqa: C901 - one branch per kind of node
    """Give the whole boolean expression that compares with `literal`, None when nothing is compared."""
    node, inside = literal, False
    while node.parent is not None:
        parent = node.parent
        kind = parent.type
        if kind == "binary_expression":
            sign = operator(file, parent)
            if sign in ("&&", "||"):
                break
            inside = inside or sign in ("==", "!=")
        elif kind in ("match_pattern", "tuple_struct_pattern", "or_pattern"):
            inside = True
            node = parent
            continue
        elif kind == "match_arm":
            block = parent.parent
            return block.parent if block is not None and inside else None
        elif kind == "let_condition":
            return parent if inside or literal in rust.walk(parent.child_by_field_name("pattern") or parent) else None
        elif kind == "call_expression":
            callee = parent.child_by_field_name("function")
            called = "" if callee is None else file.text_of(callee).rpartition(".")[2]
            inside = inside or called in ("eq_ignore_ascii_case", "eq", "ne", "ends_with", "contains", "starts_with")
        elif kind == "macro_invocation":
            name = file.text_of(parent.child_by_field_name("macro") or parent)
            if name != "matches":
                return parent if name in ("assert", "ensure", "anyhow::ensure") else None
            inside = True
        elif kind not in _EXPRESSION_PARTS:
            break
        node = parent
    return node if inside else None


def fault(function: Function, node: Node, literal: Node, value: str) -> str:
    """Say what is wrong with a test for the extension, or nothing."""
    file = function.file
    call = rust.enclosing(literal, "call_expression")
    callee = None if call is None else call.child_by_field_name("function")
    called = "" if callee is None else file.text_of(callee).rpartition(".")[2].strip()
    text = _chain_text(function, node)
    if called == "ends_with":
        return f'compares by `ends_with("{value}")`, which takes the whole name for its extension'
    if called in ("contains", "starts_with") and not _is_list(call):
        return f'compares by `{called}("{value}")`, which also matches elsewhere in the path'
    if faulty := next((words for pattern, words in _FAULTS if pattern.search(text)), ""):
        return faulty
    if called == "eq_ignore_ascii_case" or _FOLDING.search(text):
        return ""
    return f'compares with "{value}" without folding case'


def gives_extension(function: Function, file: RustFile, node: Node, names: set[str]) -> bool:
    """Tell whether an expression is the extension of the path, itself or by a name bound to it."""
    text = _chain_text(function, node) if file is function.file else file.text_of(node)
    return _EXTENSION.search(text) is not None and mentions(file, node, names)


def _is_list(call: Node | None) -> bool:
    """Tell `["bin", ..].contains(&x)`, a comparison, from `text.contains("bin")`."""
    callee = None if call is None else call.child_by_field_name("function")
    receiver = None if callee is None else callee.child_by_field_name("value")
    return receiver is not None and receiver.type in ("array_expression", "reference_expression")


def _chain_text(function: Function, node: Node) -> str:
    """Give the text of a test with that of the lets its names come from."""
    file, texts, pending = function.file, [], [node]
    left = list(bindings(file, function.body or function.node))
    while pending:
        current = pending.pop()
        texts.append(
            file.text_of(current) if current is not node or node.type != "match_expression" else _head(file, node)
        )
        names = {file.text_of(inner) for inner in rust.walk(current, "identifier")}
        followed = [
            binding
            for binding in left
            if binding[0] & names
            and binding[1].start_byte < node.end_byte
            and binding[1].type not in ("match_expression", "if_expression")
        ]
        left = [binding for binding in left if binding not in followed]
        pending.extend(value for _, value in followed)
    return " ".join(texts)


def _head(file: RustFile, match: Node) -> str:
    value = match.child_by_field_name("value")
    return "" if value is None else file.text_of(value)


def is_negative(file: RustFile, node: Node) -> bool:
    """Tell `!=` and closures that negate."""
    if node.type == "binary_expression":
        return operator(file, node) == "!="
    for closure in rust.walk(node, "closure_expression"):
        body = closure.child_by_field_name("body")
        if body is None:
            continue
        if body.type == "unary_expression" and file.text_of(body).startswith("!"):
            return True
        if body.type == "binary_expression" and operator(file, body) == "!=":
            return True
    return False


def operator(file: RustFile, node: Node) -> str:
    """Give the sign of a binary expression."""
    sign = node.child_by_field_name("operator")
    return "" if sign is None else file.text_of(sign)
