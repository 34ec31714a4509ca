"""Messages in Rust code: the texts given to macros that format them, and to calls that show them as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from pytest_mens.views.rust import Call, Group, MacroCall, RustFile, StringLiteral


@dataclass(frozen=True)
class Showing:
    """What formats its text, by macro name and index of the message; and what shows its text as it is.

    `functions` are the ends of their paths, such as `Error::msg`.
    """

    formatted: Mapping[str, int]
    methods: Sequence[str] = ()
    closures: Sequence[str] = ()
    functions: Sequence[str] = ()


@dataclass(frozen=True)
class Message:
    """One message: a literal, a constant's path, or neither when it is computed.

    `formatted` tells whether the literal is a format string; then `positional` and `named` are its arguments, and
    `counted` is false when a macro's repetition hides how many there are. `place` is the name of the macro or call.
    """

    shown_by: str
    place: Node
    formatted: bool
    argument: Group
    literal: StringLiteral | None = None
    constant: tuple[str, ...] = ()
    positional: int = 0
    named: tuple[str, ...] = ()
    counted: bool = True


def messages(file: RustFile, showing: Showing) -> Iterator[Message]:
    """Give every message of the file: those of macros, then those of calls, each in source order."""
    for macro in rust.macro_calls(file):
        index = showing.formatted.get(macro.name)
        if index is not None and len(macro.arguments) > index:
            yield _formatted(file, macro, index)
    for call in rust.calls(file):
        if call.method:
            shown = call.name in showing.methods or call.name in showing.closures
        else:
            shown = any(f"::{call.callee}".endswith(f"::{path}") for path in showing.functions)
        if shown and call.arguments:
            closure = call.method and call.name in showing.closures
            branches = _branches(call.arguments[0][0].child_by_field_name("body")) if closure else []
            for branch in branches:
                literal = _shown_literal(file, (branch,), closure=False)
                yield Message(call.name, call.name_node, formatted=False, argument=(branch,), literal=literal)
            if not branches:
                yield _plain(file, call, closure=closure)


def _branches(body: Node | None) -> list[Node]:
    """Give what the branches of a closure end with, when it chooses by `if` or `match` what it returns."""
    last = _tail(body)
    if last is None or last.type not in ("if_expression", "match_expression"):
        return []
    found: list[Node] = []
    pending = [last]
    while pending:
        node = pending.pop()
        if node.type == "if_expression":
            alternative = node.child_by_field_name("alternative")
            parts = [node.child_by_field_name("consequence"), alternative and alternative.named_children[-1]]
        elif node.type == "match_expression":
            arms = node.child_by_field_name("body")
            parts = [arm.child_by_field_name("value") for arm in (arms.named_children if arms is not None else ())]
        else:
            found.append(node)
            continue
        pending.extend(tail for tail in map(_tail, reversed(parts)) if tail is not None)
    return found


def _tail(node: Node | None) -> Node | None:
    """Give the last expression of a block, and of a block in it; any other expression as it is."""
    while node is not None and node.type in ("block", "expression_statement"):
        children = [child for child in node.named_children if not child.type.endswith("comment")]
        if node.type == "expression_statement" and node.children[-1].type == ";":
            return None
        node = children[-1] if children else None
    return node


def _formatted(file: RustFile, macro: MacroCall, index: int) -> Message:
    file.require_parsed(macro.body)
    message, rest = macro.arguments[index], macro.arguments[index + 1 :]
    shown_by = f"{macro.name}!"
    literal = _literal(file, message)
    if literal is not None and literal.prefix in ("", "r"):
        named = tuple(
            file.text_of(group[0]).removeprefix("r#")
            for group in rest
            if len(group) > 2 and group[0].type == "identifier" and group[1].type == "="
        )
        counted = not any(True for group in rest for node in group for _ in rust.walk(node, "token_repetition"))
        return Message(
            shown_by,
            macro.name_node,
            formatted=True,
            argument=message,
            literal=literal,
            positional=len(rest) - len(named),
            named=named,
            counted=counted,
        )
    constant = () if rest else _constant(file, message)
    return Message(shown_by, macro.name_node, formatted=not constant, argument=message, constant=constant)


def _literal(file: RustFile, argument: Group) -> StringLiteral | None:
    """Give the literal that an argument is, or that it joins: `concat!(..)`."""
    if len(argument) == 1 and argument[0].type in ("string_literal", "raw_string_literal"):
        return rust.string(file, argument[0])
    if not argument or _CONCAT.match(rust.nodes_text(file, argument)) is None:
        return None
    last = argument[-1].children[-1] if argument[-1].type == "macro_invocation" else argument[-1]
    parts = [_literal(file, group) for group in rust.token_groups(last)] if last.type == "token_tree" else []
    known = [part for part in parts if part is not None and part.prefix in ("", "r")]
    return rust.joined(known) if known and len(known) == len(parts) else None


_CONCAT = re.compile(r"(?:(?:std|core)\s*::\s*)?concat\s*!")


def _constant(file: RustFile, argument: Group) -> tuple[str, ...]:
    path = "".join(rust.nodes_text(file, argument).split())
    return tuple(path.split("::")) if re.fullmatch(r"(?:\w+::)*[A-Z][A-Z0-9_]*", path) else ()


_OWNING = re.compile(r"\.\s*(?:to_string|to_owned|into)\s*\(\s*\)\Z")
_FROM = re.compile(r"(?:\w+\s*::\s*)*String\s*::\s*from\s*\(\s*\Z")
_CLOSURE_HEAD = re.compile(r"\s*(?:move\s*)?\|[^|]*\|\s*(?:->[^{]*)?")


def _plain(file: RustFile, call: Call, *, closure: bool) -> Message:
    argument = call.arguments[0]
    literal = _shown_literal(file, argument, closure=closure)
    return Message(call.name, call.name_node, formatted=False, argument=argument, literal=literal)


def _shown_literal(file: RustFile, argument: Group, *, closure: bool) -> StringLiteral | None:
    """Give the literal that an argument is, also as an owned string; of a closure, the one that it returns."""
    body = argument[0].child_by_field_name("body") if closure and len(argument) == 1 else None
    joined = _literal(file, argument if body is None else (body,))
    if joined is not None and not (closure and body is None):
        return joined
    nodes = [literal for node in argument for literal in rust.walk(node, "string_literal", "raw_string_literal")]
    if not nodes:
        return None
    node = nodes[-1]
    before = file.source[argument[0].start_byte : node.start_byte].decode("utf-8", "replace")
    after = file.source[node.end_byte : argument[-1].end_byte].decode("utf-8", "replace").strip()
    if closure:
        head = _CLOSURE_HEAD.match(before)
        if head is None:
            return None
        before = before[head.end() :]
        if before.lstrip().startswith("{") and after.endswith("}"):
            before, after = before.lstrip()[1:].rpartition(";")[2], after[:-1].strip()
    before = before.strip()
    bare = not before and (not after or _OWNING.fullmatch(after) is not None)
    return rust.string(file, node) if bare or (after == ")" and _FROM.fullmatch(before)) else None
