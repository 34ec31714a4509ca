"""Guards on a file's extension: the branches that run for it, however the guard is written.

Variables of the function, constants of its file, and helper functions that return the comparison are followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tree_sitter import Node

    from pytest_mens.views.rust import Function, RustFile


def branches(
    function: Function, extension: str, conditional: Collection[str], helpers: Mapping[str, bool]
) -> Iterator[Node]:
    """Give the branches that run for a file of that extension, and the macros that demand another.

    `conditional` names the macros that demand what their first argument says, `helpers` the functions of other files
    that tell whether a file has the extension, or (True) that it has another.
    """
    file, body = function.file, function.body
    if body is None:
        return
    mentions = _Mentions(function, extension, helpers)
    for node in rust.walk(body, "if_expression", "match_arm", "macro_invocation", "call_expression"):
        if node.type == "if_expression":
            negated = mentions.negated(node.child_by_field_name("condition"))
            if negated is not None:
                yield from _branch(file, node, negated=negated)
        elif node.type == "match_arm":
            value = node.child_by_field_name("value")
            if value is not None and _is_arm_of(file, node, mentions):
                yield value
        elif node.type == "call_expression":
            if _keeps_others(file, node, mentions):
                yield node
        elif _demands_another(file, node, conditional, mentions):
            yield node


def tellers(file: RustFile, extension: str) -> dict[str, bool]:
    """Give the functions of a file that tell whether a file has the extension, or (True) that it has another."""
    found: dict[str, bool] = {}
    for function in rust.functions(file):
        result, body = function.node.child_by_field_name("return_type"), function.body
        if body is not None and result is not None and file.text_of(result) == "bool":
            literals = _within(_literals(file, extension), body)
            if literals:
                found[function.name] = len(body.named_children) == 1 and _negated(file, literals[0], body)
    return found


def _literals(file: RustFile, extension: str) -> list[Node]:
    """Give the literals of a file that are the extension, in source order."""
    key = ("extension literals", extension)
    if key not in file.memo:
        known = (extension, f".{extension}")
        nodes = [literal.node for literal in rust.strings(file) if literal.value in known]
        file.memo[key] = [node for node in nodes if not _names_a_folder(file, node)]
    found: list[Node] = file.memo[key]
    return found


def _names_a_folder(file: RustFile, literal: Node) -> bool:
    """Tell whether a literal is joined to a path: `root.join("bin")`."""
    call = rust.enclosing(literal, "call_expression")
    function = None if call is None else call.child_by_field_name("function")
    return function is not None and file.text_of(function).endswith((".join", ".push", "::join"))


def _within(nodes: Collection[Node], outer: Node) -> list[Node]:
    return [node for node in nodes if outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte]


class _Mentions:
    """Where a function speaks of the extension: literals, and names that are it or tell whether a file has it."""

    def __init__(self, function: Function, extension: str, helpers: Mapping[str, bool]) -> None:
        self.file = function.file
        self.literals = _literals(self.file, extension)
        self.names = {**helpers, **tellers(self.file, extension)}
        for node in rust.find(self.file, "const_item", "static_item"):
            name, value = (node.child_by_field_name(field) for field in ("name", "value"))
            if name is not None and value is not None and _within(self.literals, value):
                self.names[self.file.text_of(name)] = False
        for node in _within(rust.find(self.file, "let_declaration"), function.node):
            pattern, value = (node.child_by_field_name(field) for field in ("pattern", "value"))
            if pattern is None or value is None or any(rust.walk(value, "block")):
                continue
            negated = self.negated(value)
            if negated is not None:
                self.names.update({self.file.text_of(name): negated for name in rust.walk(pattern, "identifier")})

    def within(self, node: Node) -> list[Node]:
        """Give the mentions below a node."""
        named = [name for name in rust.walk(node, "identifier") if self.file.text_of(name) in self.names]
        return _within(self.literals, node) + named

    def negated(self, value: Node | None) -> bool | None:
        """Tell whether a value holds for other extensions instead; None when it does not speak of the extension."""
        found = [] if value is None else self.within(value)
        if value is None or not found:
            return None
        return all(_negated(self.file, mention, value) != self.tells_other(mention) for mention in found)

    def tells_other(self, mention: Node) -> bool:
        """Tell whether a mention is a name that is true for other extensions."""
        return self.names.get(self.file.text_of(mention), False)


def _is_arm_of(file: RustFile, arm: Node, mentions: _Mentions) -> bool:
    """Tell whether a match arm is for the extension: by its pattern, its guard, or the `true` that is compared."""
    pattern = arm.child_by_field_name("pattern")
    if pattern is None:
        return False
    negated = mentions.negated(pattern)
    if negated is not None:
        return not negated
    truth = file.text_of(pattern)
    match = rust.enclosing(arm, "match_expression") if truth in ("true", "false") else None
    negated = mentions.negated(match.child_by_field_name("value")) if match is not None else None
    return negated is not None and (truth == "true") != negated


def _keeps_others(file: RustFile, call: Node, mentions: _Mentions) -> bool:
    """Tell whether a call gives the error of what keeps other extensions: `.filter(|e| e != "bin").context(..)`."""
    function = call.child_by_field_name("function")
    name = None if function is None else function.child_by_field_name("field")
    if function is None or name is None or file.text_of(name) not in _ERRORS_OF_OPTIONS:
        return False
    return mentions.negated(function.child_by_field_name("value")) is True


_ERRORS_OF_OPTIONS = ("ok_or", "ok_or_else", "context", "with_context")


def _demands_another(file: RustFile, macro: Node, conditional: Collection[str], mentions: _Mentions) -> bool:
    """Tell whether a macro demands that the file has another extension: `ensure!(ext != "bin", ..)`."""
    call = next((call for call in rust.macro_calls(file, macro) if call.node == macro), None)
    if call is None or call.name not in conditional or not call.arguments:
        return False
    if call.name.endswith("_ne"):
        return bool(mentions.within(macro))
    said = call.arguments[0]
    found = [mention for node in said for mention in mentions.within(node)]
    other = all(mentions.tells_other(mention) for mention in found)
    return bool(found) and (len(_NOT.findall(rust.nodes_text(file, said))) + other) % 2 == 1


_NOT = re.compile(r"\A\s*!|[(|&]\s*!(?!=)|!=|==\s*false")


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
