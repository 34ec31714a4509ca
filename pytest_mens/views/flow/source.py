"""What data flow needs of one file, and the bodies of its functions that were parsed already."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.views import cfg, rust
from pytest_mens.views.flow.body import CALL_LIKE, LISTS, Body

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.rust import Function, MacroCall, RustFile

_PLAIN_STRING = re.compile(r'.\s*"([^"\\]*)"\s*,?\s*.')


class Source:
    """What flow needs of one file: its functions, uses, type aliases, constants, and the bodies already parsed."""

    def __init__(self, file: RustFile) -> None:
        self.file = file
        self._bodies: dict[int, Body] = {}

    @cached_property
    def functions(self) -> dict[str, list[Function]]:
        """The functions with a body, by name."""
        found: dict[str, list[Function]] = {}
        for function in rust.functions(self.file):
            if function.body is not None:
                found.setdefault(function.name, []).append(function)
        return found

    @cached_property
    def macros(self) -> list[MacroCall]:
        """The macro calls that are read as plain expressions."""
        return [call for call in rust.macro_calls(self.file) if call.name in LISTS or CALL_LIKE.match(call.name)]

    def body(self, function: Function) -> Body:
        """Give the body of a function of this file."""
        return self._body(function.node, function)

    def constant(self, item: Node) -> Body:
        """Give the body of a const or static of this file."""
        return self._body(item, None)

    def _body(self, item: Node, function: Function | None) -> Body:
        if item.start_byte not in self._bodies:
            self._bodies[item.start_byte] = Body(self, item, function)
        return self._bodies[item.start_byte]

    @cached_property
    def constants(self) -> dict[str, list[Node]]:
        """The const and static items of modules, impls and blocks, by name."""
        found: dict[str, list[Node]] = {}
        for node in rust.find(self.file, "const_item", "static_item"):
            name = node.child_by_field_name("name")
            condition = rust.local_cfg(self.file, node)
            if name is not None and (condition == cfg.TRUE or cfg.satisfiable(condition)):
                found.setdefault(self.file.text_of(name), []).append(node)
        return found

    @cached_property
    def included(self) -> tuple[str, ...]:
        """The paths of the files that this one includes by a plain string."""
        folder = posixpath.dirname(self.file.path)
        bodies = (self.file.text_of(call.body) for call in rust.macro_calls(self.file) if call.name == "include")
        names = (match.group(1) for body in bodies if (match := _PLAIN_STRING.fullmatch(body)))
        return tuple(posixpath.normpath(posixpath.join(folder, name)) for name in names)

    @cached_property
    def uses(self) -> dict[str, list[tuple[int, int, tuple[str, ...]]]]:
        """What names are imported as, with the bytes in which that holds; `*` for globs."""
        found: dict[str, list[tuple[int, int, tuple[str, ...]]]] = {}
        for declaration in rust.find(self.file, "use_declaration"):
            scope = declaration.parent or self.file.root
            for leaf in rust.paths(self.file, declaration):
                name = "*" if leaf.glob else (leaf.alias or leaf.segments[-1])
                found.setdefault(name, []).append((scope.start_byte, scope.end_byte, leaf.segments))
        return found

    @cached_property
    def aliases(self) -> dict[str, list[tuple[int, int, Node]]]:
        """The `type X = ..;` items, with the bytes in which they are seen."""
        found: dict[str, list[tuple[int, int, Node]]] = {}
        for node in rust.find(self.file, "type_item"):
            name, value = node.child_by_field_name("name"), node.child_by_field_name("type")
            scope = node.parent
            if name is not None and value is not None and scope is not None:
                found.setdefault(self.file.text_of(name), []).append((scope.start_byte, scope.end_byte, value))
        return found

    def alias(self, name: str, at: int) -> Node | None:
        """Give the type that `name` is an alias of at byte `at`."""
        seen = [entry for entry in self.aliases.get(name, ()) if entry[0] <= at < entry[1]]
        return max(seen, key=lambda entry: entry[0])[2] if seen else None

    def resolve(self, segments: tuple[str, ...], at: int) -> tuple[str, ...]:
        """Replace the first segment by what it is imported as at byte `at`; one foreign glob may supply a name."""
        seen = [entry for entry in self.uses.get(segments[0], ()) if entry[0] <= at < entry[1]]
        if seen:
            whole = max(seen, key=lambda entry: entry[0])[2]
            return whole + segments[1:]
        if segments[0][:1].isupper() and segments[0] not in self._declared:
            outside = {
                entry[2]
                for entry in self.uses.get("*", ())
                if entry[0] <= at < entry[1] and entry[2] and entry[2][0] not in ("super", "self", "crate")
            }
            if len(outside) == 1:
                return next(iter(outside)) + segments
        return segments

    @cached_property
    def _declared(self) -> frozenset[str]:
        kinds = ("struct_item", "enum_item", "trait_item", "type_item", "union_item")
        names = (node.child_by_field_name("name") for node in rust.find(self.file, *kinds))
        return frozenset(self.file.text_of(name) for name in names if name is not None)


def source(target: Target, path: str) -> Source:
    """Give the flow view of one file (memoised). Raise UnreadableError as `rust.file` does."""
    return target.file_view(_source, path)


def _source(target: Target, path: str) -> Source:
    return Source(rust.file(target, path))
