"""TOML documents: values by tomli, the line and column of every key by tree-sitter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import tomli

from pytest_mens.model import UnreadableError
from pytest_mens.target.tree import TOML_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target

Key = tuple["str | int", ...]
"""The route to a value: table keys, and indexes into arrays and arrays of tables."""


@dataclass(frozen=True)
class TomlFile:
    """A parsed document. `positions` maps every key and array element to its 1-based (line, column)."""

    path: str
    text: str
    values: dict[str, Any]

    @cached_property
    def positions(self) -> dict[Key, tuple[int, int]]:
        """Give the place of every key (where its name stands) and of every array element (where its value does)."""
        return dict(_positions(self.text))

    def position(self, *key: str | int) -> tuple[int, int]:
        """Give the (line, column) of `key`, or of its nearest enclosing table, or (1, 1)."""
        while key:
            if key in self.positions:
                return self.positions[key]
            key = key[:-1]
        return (1, 1)


def parse(path: str, text: str) -> TomlFile:
    """Parse `text`; raise UnreadableError with the parser's own message when it is not TOML 1.0."""
    try:
        values = tomli.loads(text)
    except RecursionError:
        raise UnreadableError(path, "not valid TOML: nested too deeply") from None
    except ValueError as error:  # also TOMLDecodeError, and int() on a bomb of digits
        raise UnreadableError(path, f"not valid TOML: {str(error)[:200]}") from None
    return TomlFile(path, text, values)


def file(target: Target, path: str) -> TomlFile:
    """Give the TOML document at `path`; raise UnreadableError when it cannot be read or parsed."""
    return target.file_view(_file, path)


def _file(target: Target, path: str) -> TomlFile:
    return parse(path, target.text(path, TOML_LIMIT))


def _positions(text: str) -> Iterator[tuple[Key, tuple[int, int]]]:
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    root = Parser(Language(tree_sitter_toml.language())).parse(text.encode()).root_node
    lines = text.split("\n")
    yield from _pairs(root, (), lines)
    arrays: dict[Key, int] = {}
    for node in root.named_children:
        if node.type not in {"table", "table_array_element"}:
            continue
        name = node.named_children[0]
        parts = _key(name)
        route: Key = ()
        for depth, part in enumerate(parts):
            route = (*route, part)
            last = depth == len(parts) - 1
            if last and node.type == "table_array_element":
                arrays[route] = arrays.get(route, -1) + 1
                yield route, _place(name, lines)
            if route in arrays:
                route = (*route, arrays[route])
        yield route, _place(name, lines)
        yield from _pairs(node, route, lines)


def _pairs(node: Node, route: Key, lines: list[str]) -> Iterator[tuple[Key, tuple[int, int]]]:
    for pair in node.named_children:
        if pair.type != "pair":
            continue
        name, *rest = pair.named_children
        inner = route
        for part in _key(name):
            inner = (*inner, part)
            yield inner, _place(name, lines)
        for value in rest:
            yield from _value(value, inner, lines)


def _value(value: Node, route: Key, lines: list[str]) -> Iterator[tuple[Key, tuple[int, int]]]:
    if value.type == "inline_table":
        yield from _pairs(value, route, lines)
    elif value.type == "array":
        elements = [child for child in value.named_children if child.type != "comment"]
        for index, element in enumerate(elements):
            yield (*route, index), _place(element, lines)
            yield from _value(element, (*route, index), lines)


def _key(node: Node) -> list[str]:
    if node.type == "dotted_key":
        return [part for child in node.named_children for part in _key(child)]
    text = (node.text or b"").decode()
    if node.type == "quoted_key":
        return list(tomli.loads(f"{text} = 0"))
    return [text]


def _place(node: Node, lines: list[str]) -> tuple[int, int]:
    row, byte_column = node.start_point
    prefix = lines[row].encode()[:byte_column].decode(errors="replace")
    return (row + 1, len(prefix) + 1)
