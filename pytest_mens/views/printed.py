"""What a Rust program prints: the docs that clap shows, and the strings of printing macros, constants and variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import markdown, passages, rust

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from tree_sitter import Node

_CLAP_ATTRIBUTE = re.compile(r"#\[\s*(?:command|arg|clap|value)\b")
_DERIVES = re.compile(r"\b(?:Parser|Args|Subcommand|ValueEnum)\b")
_VALUES = frozenset(
    {"call_expression", "field_expression", "arguments", "match_arm", "match_block", "match_expression"}
    | {"if_expression", "else_clause", "block", "reference_expression", "parenthesized_expression"}
)
"""What may stand between a literal and the variable that it is given to."""


def clap_items(file: rust.RustFile, worth: Callable[[bytes], bool]) -> Iterator[tuple[Node, bytes]]:
    """Give the types that derive from clap, their variants and fields, each with the source in which its docs stand.

    Only of types whose source is `worth` it.
    """
    for holder in rust.find(file, "enum_item", "struct_item"):
        own = rust.docs(file, holder)
        start = own[0].node.start_byte if own else holder.start_byte
        if not worth(file.source[start : holder.end_byte]):
            continue
        derives = [attribute.args for attribute in rust.attributes(file, holder) if attribute.path == "derive"]
        if any(_DERIVES.search(text) for text in derives):
            for member in (holder, *_members(holder)):
                yield member, file.source[start : member.start_byte]
                start = member.start_byte


def _members(holder: Node) -> Iterator[Node]:
    """Give the variants and fields of a type in order."""
    body = holder.child_by_field_name("body")
    for member in body.named_children if body is not None else ():
        if member.type in {"enum_variant", "field_declaration"}:
            yield member
            yield from _members(member)


def docs(file: rust.RustFile, item: Node) -> Iterator[passages.Passage]:
    """Give the paragraphs of the doc comment of an item."""
    yield from _doc_passages(file, rust.docs(file, item))


def literals(
    file: rust.RustFile, macros: Collection[str], methods: Collection[str], worth: Callable[[bytes], bool]
) -> Iterator[passages.Passage]:
    """Give the lines of the strings that `macros` and `methods` print: their arguments and what these may be.

    Those are constants and variables; what clap attributes hold is printed too. Only of strings `worth` it.
    """
    nodes = rust.find(file, "string_literal", "raw_string_literal")
    chosen = [node for node in nodes if worth(file.source[node.start_byte : node.end_byte])]
    if not chosen:
        return
    printing = [call.node for call in rust.macro_calls(file) if call.name in macros]
    for node in chosen:
        if not (
            _constant(file, node)
            or _passed_to(file, node, methods)
            or any(_holds(outer, node) for outer in printing)
            or _printed_later(file, node, printing, methods)
        ):
            continue
        if not rust.in_test_code(file, node):
            yield from _literal(file, rust.string(file, node))


def _constant(file: rust.RustFile, node: Node) -> bool:
    holder = rust.enclosing(node, "attribute_item", "const_item", "static_item", "function_item")
    if holder is None or holder.type == "function_item":
        return False
    return holder.type != "attribute_item" or _CLAP_ATTRIBUTE.match(file.text_of(holder)) is not None


def _passed_to(file: rust.RustFile, node: Node, methods: Collection[str]) -> bool:
    """Tell whether a literal is an argument of one of the `methods`."""
    call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
    function = call.child_by_field_name("function") if call is not None else None
    name = function.child_by_field_name("field") if function is not None else None
    return name is not None and file.text_of(name) in methods


def _printed_later(file: rust.RustFile, node: Node, printing: Sequence[Node], methods: Collection[str]) -> bool:
    """Tell whether a literal is given to a variable that is printed after that where it is known."""
    binder = _binder(file, node)
    name = binder and binder.child_by_field_name("left" if binder.type == "assignment_expression" else "pattern")
    scope = "function_item" if binder is not None and binder.type == "assignment_expression" else "block"
    block = rust.enclosing(binder, scope) if binder is not None else None
    if name is None or name.type != "identifier" or binder is None or block is None:
        return False
    variable = file.text_of(name)
    for outer in printing:
        if outer.start_byte >= binder.end_byte and _holds(block, outer) and _shows(file, outer, variable):
            return True
    uses = (use for use in rust.walk(block, "identifier") if use.start_byte >= binder.end_byte)
    return any(file.text_of(use) == variable and _passed_to(file, use, methods) for use in uses)


def _binder(file: rust.RustFile, node: Node) -> Node | None:
    """Give the `let` or assignment whose value, or a branch of whose value, the literal is."""
    child, parent = node, node.parent
    while parent is not None and parent.type in _VALUES:
        if parent.type == "arguments":
            function = parent.parent.child_by_field_name("function") if parent.parent is not None else None
            if function is None or file.text_of(function) != "String::from":
                return None
        child, parent = parent, parent.parent
    if parent is None or parent.type not in {"let_declaration", "assignment_expression"}:
        return None
    value = parent.child_by_field_name("right" if parent.type == "assignment_expression" else "value")
    return parent if value == child else None


def _shows(file: rust.RustFile, macro: Node, variable: str) -> bool:
    """Tell whether a printing macro is given a variable, as an argument or in the braces of its format string."""
    if any(file.text_of(use) == variable for use in rust.walk(macro, "identifier")):
        return True
    inline = re.compile(rf"(?<!\{{)\{{{re.escape(variable)}[:}}]")
    return any(inline.search(file.text_of(text)) for text in rust.walk(macro, "string_literal", "raw_string_literal"))


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def _doc_passages(file: rust.RustFile, comments: Sequence[rust.Comment]) -> Iterator[passages.Passage]:
    """Join the lines of a doc comment to paragraphs, each character with its place."""
    text: list[str] = []
    places: list[markdown.Place] = []
    for comment in comments:
        line, column = file.position(comment.node)
        raw = file.text_of(comment.node)
        lead = len(raw) - len(raw.lstrip("/*!")) + 1
        body = raw[lead:].rstrip("\n")
        if not body.strip():
            yield from passage(file.path, "".join(text), places)
            text, places = [], []
            continue
        if text:
            text.append(" ")
            places.append((line, column + lead))
        text.append(body)
        places.extend((line, column + lead + offset) for offset in range(len(body)))
    yield from passage(file.path, "".join(text), places)


def passage(path: str, text: str, places: Sequence[markdown.Place]) -> Iterator[passages.Passage]:
    """Give a text, each character at its place, unless it is blank."""
    if text.strip():
        kept = list(places)
        yield passages.Passage(path, "paragraph", text, (), lambda index: kept[min(index, len(kept) - 1)])


def _literal(file: rust.RustFile, literal: rust.StringLiteral) -> Iterator[passages.Passage]:
    """Give the lines of a printed string."""
    start = 0
    for line in literal.value.split("\n"):
        if line.strip():
            places = [file.position(literal.offsets[start + offset]) for offset in range(len(line))]
            yield from passage(file.path, line, places)
        start += len(line) + 1


def lines(path: str, text: str) -> Iterator[passages.Passage]:
    """Give the lines of a plain text."""
    for number, line in enumerate(text.split("\n"), 1):
        yield from passage(path, line, [(number, offset + 1) for offset in range(len(line))])
