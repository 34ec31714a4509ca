"""Under which cfg a path of a crate exists: items, modules, re-exports and globs, followed only as far as asked.

Source: the Rust reference, chapters Paths, Use declarations and Namespaces. The namespaces are not told apart, and
visibility is only looked at from outside: a path that several definitions or re-exports make exists under any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.views import cfg, modules, rust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.cfg import Predicate
    from pytest_mens.views.modules import Placement
    from pytest_mens.views.rust import PathUse, RustFile

Path = tuple[str, ...]
"""The segments of a path, or of a module, without the crate."""

_TURNS = 60
"""Modules and re-exports that are followed in a row."""
_STEPS = 500
"""Names that are looked up for one path; real ones take a dozen."""

_ITEMS = frozenset(
    {
        "const_item",
        "enum_item",
        "function_item",
        "macro_definition",
        "static_item",
        "struct_item",
        "trait_item",
        "type_item",
        "union_item",
    }
)


_MEMBERS = frozenset({"const_item", "enum_variant", "function_item", "type_item"})


class Definition(NamedTuple):
    """One thing that gives a module a name. `leads` is what a re-export stands for; `own` is the cfg in its file."""

    name: str
    kind: str
    cfg: Predicate
    own: Predicate
    public: bool
    leads: Path | None = None


class _Container(NamedTuple):
    """A file or inline module whose items belong to one module."""

    file: RustFile
    node: Node
    around: Predicate


class _Query(NamedTuple):
    """A path to resolve from `module`; `strict` when a name that is not found is not there, as through a glob."""

    module: Path
    path: Path
    inside: bool
    strict: bool


@dataclass
class Namespace:
    """The names in one module; `globs` are its `use x::*`.

    `members` holds, by type and name, the variants and associated items of types under any cfg of their own.
    """

    named: dict[str, list[Definition]] = field(default_factory=dict)
    globs: list[Definition] = field(default_factory=list)
    members: dict[str, dict[str, list[Definition]]] = field(default_factory=dict)


class Exports:
    """The paths of one library crate."""

    def __init__(self, target: Target, package: Package) -> None:
        self.target = target
        self.package = package
        library = package.target("lib")
        self.files: tuple[Placement, ...] = () if library is None else modules.files_of(target, package, library)
        self._placed: dict[Path, list[Placement]] = {}
        for place in self.files:
            self._placed.setdefault(place.module, []).append(place)
        self._containers: dict[Path, list[_Container]] = {}
        self._namespaces: dict[Path, Namespace] = {}
        self._conditions: dict[tuple[Path, Path, bool], Predicate | None] = {}
        self._steps = 0

    def condition(self, path: Path, module: Path = (), *, inside: bool = False) -> Predicate | None:
        """Give the cfg under which `path` exists, seen from `module`; None for a path that cannot be followed.

        A variant or an associated item stands under its own cfg too, if it is in the module of its type; otherwise
        what follows an item exists with it. Unless `inside`, only public names count wherever there are any.
        """
        key = (module, path, inside)
        if key not in self._conditions:
            self._steps = 0
            self._conditions[key] = self._condition(_Query(module, path, inside, strict=False), frozenset())
        return self._conditions[key]

    def namespace(self, module: Path) -> Namespace:
        """Give the names that stand in `module`."""
        if module not in self._namespaces:
            found = Namespace()
            self._namespaces[module] = found
            for container in self._containers_of(module):
                for definition in _definitions(container):
                    if definition.kind == "glob":
                        found.globs.append(definition)
                    else:
                        found.named.setdefault(definition.name, []).append(definition)
                for owner, member in _members(container):
                    found.members.setdefault(owner, {}).setdefault(member.name, []).append(member)
        return self._namespaces[module]

    def is_module(self, module: Path) -> bool:
        """Tell whether the crate has this module, under any cfg."""
        return bool(self._containers_of(module))

    def module_of(self, path: Path) -> Path | None:
        """Give the module that `path` names, through re-exports too; None when it names something else."""
        return self._module_of(path, 0)

    def _module_of(self, path: Path, turns: int) -> Path | None:
        module: Path = ()
        for at, name in enumerate(path):
            definitions = self.namespace(module).named.get(name, ())
            if any(definition.kind == "module" for definition in definitions):
                module = (*module, name)
                continue
            leads = next((found for one in definitions if (found := self._leads(one, module)) is not None), None)
            return None if leads is None or turns > _TURNS else self._module_of((*leads, *path[at + 1 :]), turns + 1)
        return module

    def absolute(self, segments: Path, module: Path) -> Path | None:
        """Give the path that `segments` written in `module` stand for, from the crate's root; None outside of it."""
        head, rest = segments[0], segments[1:]
        if head in {"crate", "$crate"}:
            return rest
        if head == "self":
            return self._climb(rest, module)
        if head == "super":
            return self._climb(segments, module)
        if head in self.namespace(module).named:
            return (*module, *segments)
        return None

    def _climb(self, segments: Path, module: Path) -> Path | None:
        while segments and segments[0] == "super":
            if not module:
                return None
            segments, module = segments[1:], module[:-1]
        return (*module, *segments)

    def _condition(self, query: _Query, active: frozenset[_Query]) -> Predicate | None:
        """Resolve one step further. Imports may go in circles, or grow with every turn: `use a::b; use b::a;`."""
        self._steps += 1
        if query in active or len(active) > _TURNS or self._steps > _STEPS:
            return None
        module, path, inside, _ = query
        if not path:
            return self._existence(module)
        active |= {query}
        names = self.namespace(module)
        definitions = names.named.get(path[0], [])
        globs = names.globs
        if not inside:
            definitions = [definition for definition in definitions if definition.public] or definitions
            globs = [glob for glob in globs if glob.public]
        options = [self._through(definition, query, active) for definition in definitions]
        if cfg.TRUE not in options:
            options += [self._through(glob, query, active) for glob in globs]
        found = [option for option in options if option is not None]
        return cfg.disjoin(found) if found else None

    def _existence(self, module: Path) -> Predicate | None:
        containers = self._containers_of(module)
        return cfg.disjoin(container.around for container in containers) if containers else None

    def _through(self, definition: Definition, query: _Query, active: frozenset[_Query]) -> Predicate | None:
        """Give the condition of a path that goes on through `definition`; the rest may be what a macro makes."""
        module, path, inside, strict = query
        if definition.kind == "item":
            members = self.namespace(module).members.get(definition.name, {}).get(path[1], ()) if path[1:] else ()
            own = cfg.disjoin(member.cfg for member in members) if members else cfg.TRUE
            return cfg.conjoin((definition.cfg, own))
        if definition.kind == "module":
            child = (*module, definition.name)
            below = self._condition(_Query(child, path[1:], inside, strict), active)
            if below is None and not strict:
                below = self._existence(child)
        else:
            leads = self._leads(definition, module)
            is_glob = definition.kind == "glob"
            if leads is None:  # of another crate: a glob of it gives no name that is known
                return None if is_glob else definition.cfg
            rest = path if is_glob else path[1:]
            strict = strict or is_glob
            below = self._condition(_Query((), (*leads, *rest), inside=True, strict=strict), active)
        if below is None:
            return None if strict else definition.cfg
        return cfg.conjoin((definition.cfg, below))

    def is_foreign(self, definition: Definition, module: Path) -> bool:
        """Tell whether a definition in `module` only gives a name to something of another crate."""
        return definition.kind in {"use", "glob"} and self._leads(definition, module) is None

    def _leads(self, definition: Definition, module: Path) -> Path | None:
        leads = definition.leads
        if not leads:
            return leads
        if leads[0] == definition.name:  # `use anyhow::anyhow;` names another crate, unless there is such a module
            others = self.namespace(module).named[definition.name]
            if all(other.kind == "use" for other in others):
                return None
        return self.absolute(leads, module)

    def _containers_of(self, module: Path) -> list[_Container]:
        if module not in self._containers:
            found: list[_Container] = []
            if module:
                for container in self._containers_of(module[:-1]):
                    found.extend(_inline(container, module[-1]))
            for place in self._placed.get(module, ()):
                file = rust.file(self.target, place.file)
                found.append(_Container(file, file.root, place.cfg))
            self._containers[module] = found
        return self._containers[module]


def _inline(container: _Container, name: str) -> Iterator[_Container]:
    for child in container.node.named_children:
        if child.type == "mod_item" and rust.name_of(container.file, child) == name:
            body = child.child_by_field_name("body")
            if body is not None:
                yield _Container(container.file, body, _around(container, child))


def _around(container: _Container, node: Node) -> Predicate:
    return cfg.conjoin((container.around, rust.local_cfg(container.file, node)))


def _definitions(container: _Container) -> Iterator[Definition]:
    for child in container.node.named_children:
        if child.type == "mod_item":
            yield _definition(container, child, "module")
        elif child.type in _ITEMS:
            yield _definition(container, child, "item")
        elif child.type in {"use_declaration", "extern_crate_declaration"}:
            for use in rust.paths(container.file, child):
                yield from _used(container, child, use)


def _members(container: _Container) -> Iterator[tuple[str, Definition]]:
    """Give the variants of enums and the items of inherent impls, with their type, where any of them is under a cfg."""
    for child in container.node.named_children:
        if child.type not in {"enum_item", "impl_item"} or child.child_by_field_name("trait") is not None:
            continue
        body = child.child_by_field_name("body")
        if body is None or b"cfg" not in container.file.source[child.start_byte : child.end_byte]:
            continue
        owner = child.child_by_field_name("name") or child.child_by_field_name("type")
        if owner is not None and owner.type == "generic_type":
            owner = owner.child_by_field_name("type")
        for member in body.named_children:
            if owner is not None and member.type in _MEMBERS:
                yield container.file.text_of(owner).removeprefix("r#"), _definition(container, member, "item")


def _definition(container: _Container, node: Node, kind: str) -> Definition:
    own = rust.local_cfg(container.file, node)
    around = cfg.conjoin((container.around, own))
    return Definition(rust.name_of(container.file, node), kind, around, own, _is_public(container.file, node))


def _used(container: _Container, declaration: Node, use: PathUse) -> Iterator[Definition]:
    own = rust.local_cfg(container.file, declaration)
    around = cfg.conjoin((container.around, own))
    public = _is_public(container.file, declaration)
    if use.glob:
        yield Definition("*", "glob", around, own, public, use.segments)
    elif use.alias != "_":
        leads = None if declaration.type == "extern_crate_declaration" else use.segments
        yield Definition(use.alias or use.segments[-1], "use", around, own, public, leads)


def _is_public(file: RustFile, node: Node) -> bool:
    return any(child.type == "visibility_modifier" and file.text_of(child) == "pub" for child in node.children)
