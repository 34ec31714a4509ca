"""Attributes, what they belong to, and the cfg that they put on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import UnreadableError
from pytest_mens.views import cfg
from pytest_mens.views.rust.literal import string
from pytest_mens.views.rust.syntax import ATTRIBUTES, COMMENTS, STRINGS, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.views.rust.syntax import RustFile

_ATTRIBUTE_INSIDE = ("match_arm", "field_initializer", "shorthand_field_initializer", "base_field_initializer")


@dataclass(frozen=True)
class Attribute:
    """`#[path(args)]`, `#[path = value]` or `#![...]`. `args` is the text between the outer delimiters."""

    path: str
    args: str
    value: str | None
    inner: bool
    node: Node


def attributes(file: RustFile, node: Node) -> tuple[Attribute, ...]:
    """Give the attributes of an item, statement, match arm, field initialiser, parameter or (inner) file or block.

    Outer attributes stand before most nodes as siblings, but inside match arms and field initialisers; this knows.
    """
    found = [child for child in leading(node) if child.type == "attribute_item"]
    if node.type in _ATTRIBUTE_INSIDE:
        found.extend(child for child in node.children if child.type in ATTRIBUTES)
    else:
        body = node.child_by_field_name("body")
        for holder in (node, body):
            if holder is not None:
                found.extend(child for child in holder.children if child.type == "inner_attribute_item")
    return tuple(attribute for item in found if (attribute := attribute_of(file, item)) is not None)


def leading(node: Node) -> list[Node]:
    """Give the attributes and comments that stand directly before `node`, in source order."""
    found = []
    current = node.prev_sibling
    while current is not None and (current.type in ("attribute_item", "visibility_modifier", *COMMENTS)):
        found.append(current)
        current = current.prev_sibling
    return found[::-1]


def attribute_of(file: RustFile, item: Node) -> Attribute | None:
    """Give the attribute that an attribute item holds."""
    attribute = next((child for child in item.children if child.type == "attribute"), None)
    if attribute is None:
        return None
    path = next((child for child in attribute.named_children if child.type not in COMMENTS), None)
    arguments = attribute.child_by_field_name("arguments")
    value = attribute.child_by_field_name("value")
    text = None
    if value is not None:
        text = string(file, value).value if value.type in STRINGS else file.text_of(value)
    return Attribute(
        "" if path is None else path_text(file, path),
        "" if arguments is None else file.text_of(arguments)[1:-1].strip(),
        text,
        item.type == "inner_attribute_item",
        item,
    )


def split_arguments(text: str) -> list[str]:
    """Split an attribute's arguments at the commas outside of brackets and strings."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|[()\[\]{},]', text, re.DOTALL):
        mark = match.group()
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
        elif mark == "," and depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _predicate(file: RustFile, attribute: Attribute) -> cfg.Predicate | None:
    """Give the condition that `cfg(..)` or a `cfg_attr(p, cfg(..))` puts on its owner, or None."""
    try:
        if attribute.path == "cfg":
            return cfg.parse(attribute.args)
        if attribute.path == "cfg_attr":
            condition, *rest = split_arguments(attribute.args) or [""]
            nested = [match.group(1) for part in rest if (match := re.fullmatch(r"(?s)cfg\s*\((.*)\)", part))]
            if nested:
                inner = cfg.conjoin(cfg.parse(text) for text in nested)
                return cfg.AnyOf((cfg.Not(cfg.parse(condition)), inner))
    except ValueError:
        line, _ = file.position(attribute.node)
        raise UnreadableError(file.path, f"cfg predicate not understood at line {line}") from None
    return None


_CFG = re.compile(rb"#\s*!?\s*\[\s*cfg")


def _conditions(file: RustFile) -> Iterator[tuple[int, int, cfg.Predicate]]:
    for match in _CFG.finditer(file.source):
        mark = file.root.descendant_for_byte_range(match.start(), match.start() + 1)
        item = None if mark is None else mark.parent
        if mark is None or item is None:
            continue
        if item.type == "token_tree":
            yield from _condition_of_tokens(file, mark)
        if item.type not in ATTRIBUTES or item.start_byte != match.start():
            continue
        attribute = attribute_of(file, item)
        predicate = None if attribute is None else _predicate(file, attribute)
        owner = None if predicate is None else _owner(item)
        if owner is not None and predicate is not None:
            yield owner.start_byte, owner.end_byte, predicate


_ITEM_WORDS = frozenset(
    {"async", "const", "enum", "extern", "fn", "impl", "let", "mod", "pub", "static", "struct", "trait", "type", "use"}
)


def _condition_of_tokens(file: RustFile, mark: Node) -> Iterator[tuple[int, int, cfg.Predicate]]:
    """Read `#[cfg(..)]` among the tokens of a macro: all up to a semicolon, a comma or a block stands under it."""
    attribute = mark.next_sibling
    text = "" if attribute is None or attribute.type != "token_tree" else file.text_of(attribute)
    inside = re.fullmatch(r"(?s)\[\s*cfg\s*\((.*)\)\s*\]", text)
    if mark.type != "#" or inside is None or attribute is None:
        return
    try:
        predicate = cfg.parse(inside[1])
    except ValueError:
        return  # a part of the macro, such as `$condition`
    first = last = attribute.next_sibling
    while first is not None and first.type == "#" and first.next_sibling is not None:
        first = last = first.next_sibling.next_sibling
    ends = (";",) if first is not None and first.type in _ITEM_WORDS else (";", ",")
    while last is not None and last.next_sibling is not None and last.type not in ends and not _is_block(file, last):
        last = last.next_sibling
    if first is not None and last is not None:
        yield first.start_byte, last.end_byte, predicate


def _is_block(file: RustFile, tokens: Node) -> bool:
    return tokens.type == "token_tree" and file.source[tokens.start_byte : tokens.start_byte + 1] == b"{"


def _owner(item: Node) -> Node | None:
    """Give the node that an attribute belongs to."""
    parent = item.parent
    if parent is None:
        return None
    if item.type == "inner_attribute_item":
        holder = parent.parent
        body = parent.type in ("declaration_list", "block") and holder is not None and holder.type.endswith("_item")
        return holder if body else parent
    if parent.type in _ATTRIBUTE_INSIDE:
        return parent
    owner = item.next_sibling
    while owner is not None and owner.type in ("visibility_modifier", *ATTRIBUTES, *COMMENTS):
        owner = owner.next_sibling
    return owner


def local_cfg(file: RustFile, node: Node) -> cfg.Predicate:
    """Give the conjunction of the cfgs on `node` and everything that encloses it in this file, `#![cfg]` included.

    `cfg_attr(p, cfg(q))` counts as `any(not(p), q)`.
    """
    start, end = node.start_byte, node.end_byte
    if "conditions" not in file.memo:
        file.memo["conditions"] = tuple(_conditions(file))
    around = [condition for low, high, condition in file.memo["conditions"] if low <= start and end <= high]
    return cfg.conjoin(around) if around else cfg.TRUE
