"""Errors that code builds or ends with: their literals, and whether they lead to a constant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import fmt, messages, rust

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.views.messages import Message, Showing
    from pytest_mens.views.rust import RustFile, StringLiteral

PANICS = {"panic": 0, "assert": 1, "assert_ne": 2}
"""Macros of the standard library that end the program with a message, and the index of that."""
_EXITS = ("exit", "abort")
_FAILURE = re.compile(r"\bExitCode\s*::\s*(?:FAILURE|from)\b")
_COMMENTS = ("line_comment", "block_comment")


def of_file(file: RustFile, showing: Showing) -> list[Message]:
    """Give the error messages of a file; of nested constructors, such as `Err(anyhow!(..))`, the inner one."""
    key = ("errors", tuple(showing.formatted), showing.methods, showing.closures, showing.functions)
    if key not in file.memo:
        found = sorted(messages.messages(file, showing), key=lambda message: message.place.start_byte)
        inside = [(run[0].start_byte, run[-1].end_byte) for run in (message.argument for message in found) if run]
        places = [message.place.start_byte for message in found]
        file.memo[key] = [
            message
            for message, (start, end) in zip(found, inside, strict=True)
            if not any(start <= place < end for place in places)
        ]
    errors: list[Message] = file.memo[key]
    return errors


def in_branch(file: RustFile, branch: Node, showing: Showing) -> list[Message]:
    """Give the errors of a branch; when there are none, those of functions that it calls and that only build one."""
    known = of_file(file, showing)
    within = range(branch.start_byte, branch.end_byte)
    errors = [message for message in known if message.place.start_byte in within]
    for body in [] if errors else _builders(file, [branch]):
        inside = range(body.start_byte, body.end_byte)
        errors += [message for message in known if message.place.start_byte in inside]
    return errors


def _builders(file: RustFile, nodes: Sequence[Node]) -> Iterator[Node]:
    """Give the bodies of the functions of the file that are called and hold one statement, such as an error."""
    called = {call.callee for node in nodes for call in rust.calls(file, node)}
    for function in rust.functions(file) if called else ():
        if function.name in called and function.body is not None:
            statements = [node for node in function.body.named_children if node.type not in _COMMENTS]
            if len(statements) == 1:
                yield function.body


def exit_of(file: RustFile, branch: Node) -> Node | None:
    """Give where a branch ends the program as failed, if it does."""
    for call in rust.calls(file, branch):
        status = "".join(rust.nodes_text(file, argument) for argument in call.arguments)
        if call.name in _EXITS and not call.method and status != "0":
            return call.name_node
    paths = (node for node in rust.walk(branch, "scoped_identifier") if _FAILURE.search(file.text_of(node)))
    return next(paths, None)


def says(file: RustFile, place: Node, known: Collection[str]) -> bool:
    """Tell whether the message of the macro or call named at `place` leads to one of the names `known`."""
    return leads_to(file, rust.enclosing(place, "macro_invocation", "call_expression") or place, known)


def leads_to(file: RustFile, node: Node, known: Collection[str]) -> bool:
    """Tell whether code leads to one of the names `known`: by name, capture, alias, variable or helper function."""
    names = _names_in(file, node)
    aliases = {use.alias for use in rust.paths(file) if use.in_use and use.segments[-1] in known and use.alias}
    values = [
        (file.text_of(bound), value)
        for item in rust.find(file, "let_declaration", "const_item", "static_item", "function_item")
        if not item.start_byte <= node.start_byte < item.end_byte
        for bound in [item.child_by_field_name("pattern") or item.child_by_field_name("name")]
        for value in [item.child_by_field_name("value") or item.child_by_field_name("body")]
        if bound is not None and value is not None
    ]
    for _ in range(3):  # a variable of a helper's result, and one step to spare
        names |= {name for bound, value in values if bound in names for name in _names_in(file, value)}
    return not names.isdisjoint(aliases.union(known))


def _names_in(file: RustFile, node: Node) -> set[str]:
    """Give the identifiers below a node and the names that its format strings capture."""
    names = {file.text_of(name) for name in rust.walk(node, "identifier")}
    for literal in rust.strings(file, node):
        names.update(str(use.argument) for use in fmt.parse(literal.value).names)
    return names


def literal_of(file: RustFile, message: Message) -> StringLiteral | None:
    """Give the literal of a message: its own, or the first of what builds it in place or has a name in this file."""
    if message.literal is not None:
        return message.literal
    for node in message.argument:
        for literal in rust.strings(file, node):
            return literal
    value = _value_of(file, rust.nodes_text(file, message.argument), message.place)
    built = [value] if value is not None else _builders(file, message.argument)
    return next((literal for body in built for literal in rust.strings(file, body)), None)


def literals_of(file: RustFile, message: Message) -> Iterator[StringLiteral]:
    """Give the literal of a message, then those among what a macro formats into it."""
    first = literal_of(file, message)
    if first is not None:
        yield first
    body = _body_of(message.place) if message.formatted else None
    for literal in rust.strings(file, body) if body is not None else ():
        if first is None or literal.node != first.node:
            yield literal


def _body_of(name: Node) -> Node | None:
    """Give the arguments of the macro that a name, or the end of a path, is the name of."""
    node: Node | None = name
    while node is not None and node.next_sibling is None:
        node = node.parent
    while node is not None and node.type != "token_tree":
        node = node.next_sibling
    return node


def _value_of(file: RustFile, name: str, place: Node) -> Node | None:
    """Give what a variable of the function holds at a place, or a constant of the file."""
    function = rust.enclosing(place, "function_item")
    if function is None or not name.isidentifier():
        return None
    within = range(function.start_byte, place.start_byte)
    lets = (let for let in rust.find(file, "let_declaration") if let.start_byte in within and let.end_byte in within)
    named = [(item, "name") for item in rust.find(file, "const_item", "static_item")]
    found = None
    for node, field in (*named, *((let, "pattern") for let in lets)):
        bound = node.child_by_field_name(field)
        if bound is not None and file.text_of(bound) == name:
            found = node.child_by_field_name("value")
    return found
