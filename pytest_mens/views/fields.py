"""What a struct's field holds: its declared type, and what the constructors in the same file put into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import rust
from pytest_mens.views.flow import Flow, Place, source, strip, struct_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node


def declared(engine: Flow, place: Place) -> Node | None:
    """Give the declared type of the field that a field expression reads, when its struct stands in the same file."""
    found = _field(engine, place)
    if found is None:
        return None
    owner, name = found
    return _types(place, owner).get(name)


def values(engine: Flow, place: Place) -> list[Place]:
    """Give what the struct expressions of the same file put into the field that a field expression reads."""
    found = _field(engine, place)
    if found is None:
        return []
    owner, name = found
    key = ("fields", place.body.file.path, owner, name)
    if key not in engine.memo:
        engine.memo[key] = list(_values(engine, place, owner, name))
    known: list[Place] = engine.memo[key]
    return known


def _field(engine: Flow, place: Place) -> tuple[str, str] | None:
    """Give the type that a field expression reads from, and the field's name."""
    node = strip(place.node)
    if node.type != "field_expression":
        return None
    value, name = node.child_by_field_name("value"), node.child_by_field_name("field")
    owner = None if value is None else _type_of(engine, place.at(strip(value)))
    return None if owner is None or name is None else (owner, place.body.text(name))


def _type_of(engine: Flow, place: Place) -> str | None:
    function = place.body.function
    if place.node.type == "self":
        return None if function is None else function.owner
    if place.node.type == "field_expression":
        kind = declared(engine, place)
    else:
        binder = engine.binder(place) if place.node.type == "identifier" else None
        kind = None if binder is None else binder.type
    while kind is not None and kind.type == "reference_type":
        kind = kind.child_by_field_name("type")
    segments = () if kind is None else place.body.segments(kind)
    if not segments:
        return None
    return function.owner if segments[-1] == "Self" and function is not None else segments[-1]


def _types(place: Place, owner: str) -> dict[str, Node]:
    """Give the declared types of a struct's fields, by name."""
    file = place.body.file
    key = ("fields", owner)
    if key not in file.memo:
        found: dict[str, Node] = {}
        for item in rust.find(file, "struct_item"):
            name = item.child_by_field_name("name")
            if name is not None and file.text_of(name) == owner:
                for one in rust.walk(item, "field_declaration"):
                    label, kind = one.child_by_field_name("name"), one.child_by_field_name("type")
                    if label is not None and kind is not None:
                        found[file.text_of(label)] = kind
        file.memo[key] = found
    known: dict[str, Node] = file.memo[key]
    return known


def _values(engine: Flow, place: Place, owner: str, name: str) -> Iterator[Place]:
    path = place.body.file.path
    building = re.compile(rf"\b(?:Self|{re.escape(owner)})\s*(?:::\s*<[^;{{}}]*>\s*)?\{{".encode())
    for functions in source(engine.target, path).functions.values():
        for function in functions:
            body = function.body
            text = b"" if body is None else function.file.source[body.start_byte : body.end_byte]
            if name.encode() not in text or building.search(text) is None:
                continue
            frame = engine.enter(path, function)
            for literal in rust.walk(frame.body.node, "struct_expression"):
                label = literal.child_by_field_name("name")
                segments = () if label is None else frame.body.segments(label)
                if segments[-1:] == (owner,) or (segments == ("Self",) and function.owner == owner):
                    value = struct_field(frame.body, literal, name)
                    if value is not None and frame.body.own(literal):
                        yield Place(value, frame)
