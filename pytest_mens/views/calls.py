"""Who calls whom, over (type, method) pairs: definitions and callees across the packages of a workspace.

The type of a receiver is read from how it was made (`Type::new(..)`, a literal, an annotation, a parameter), from
`self`, from struct fields (`self.blocks`), from loops over them, and from declared return types. A method whose
receiver is unknown counts only when exactly one production function has its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_mens.views import cargo, liveness, modules, rust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.rust import Function, RustFile

_SAME_TYPE = frozenset(
    {"clone", "unwrap", "expect", "as_ref", "as_mut", "to_owned", "borrow", "iter", "iter_mut", "into_iter", "first"}
    | {"last", "get", "get_mut", "context", "with_context", "ok", "lock", "read", "write", "await"}
)
_PASSED_THROUGH = (
    "reference_expression",
    "parenthesized_expression",
    "try_expression",
    "await_expression",
    "index_expression",
    "unary_expression",
    "type_cast_expression",
)
_NO_TYPES: frozenset[str] = frozenset()
_ELSEWHERE = frozenset({"!"})
"""Some type of a crate outside of the workspace; no type is called so."""
_NAMESAKES = 4
"""Files that may declare a free function of one name; a more common name is not looked up."""
_FOREIGN = frozenset(
    {
        "Vec",
        "String",
        "Option",
        "Result",
        "Box",
        "Arc",
        "Rc",
        "HashMap",
        "HashSet",
        "BTreeMap",
        "PathBuf",
        "Path",
        "Self",
    }
    | {
        "Mutex",
        "RwLock",
        "Cow",
        "Duration",
        "Instant",
        "Iterator",
        "Send",
        "Sync",
        "Clone",
        "Default",
        "Error",
        "Value",
    }
)
"""Types of the standard library and the like, which no package of a workspace defines."""


@dataclass(frozen=True, eq=False)
class Definition:
    """A function with a body and the package it belongs to."""

    function: Function
    package: Package

    @property
    def label(self) -> str:
        """Give `Type::method` or the bare name."""
        return f"{self.function.owner}::{self.function.name}" if self.function.owner else self.function.name

    @property
    def key(self) -> tuple[str, int]:
        """Give what identifies it: its file and where it stands there."""
        return self.function.file.path, self.function.node.start_byte


class Graph:
    """The functions of some packages, looked up by name; files are read as names are asked for."""

    def __init__(self, target: Target, packages: Sequence[Package]) -> None:
        self.target = target
        self.packages = {package.root: package for package in packages}
        self._methods: dict[tuple[str, str], tuple[Definition, ...]] = {}
        self._impls: dict[str, list[str]] = {}
        self._named: dict[str, list[str]] = {}
        self._structs: dict[str, tuple[tuple[Package, dict[str, frozenset[str]]], ...]] = {}
        self._functions: dict[str, tuple[Definition, ...]] = {}
        self._bodies: dict[tuple[str, int], _Body] = {}
        self._callers: dict[tuple[str, int], tuple[Definition, ...]] = {}
        self._called: dict[str, dict[str, list[Definition]]] = {}
        self._holders: dict[str, set[str]] = {}
        self._visible: dict[str, frozenset[str]] = {}
        self._outside: dict[str, frozenset[str]] = {}
        self._structs_of: dict[str, list[tuple[str, frozenset[str]]]] = {}

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Give the Rust files of the packages."""
        workspace = cargo.workspace(self.target)
        return tuple(
            path
            for path in self.target.glob("*.rs")
            if (package := workspace.package_of(path)) is not None and package.root in self.packages
        )

    def package_of(self, path: str) -> Package | None:
        """Give the package of a file, when it is one of the graph's."""
        package = cargo.workspace(self.target).package_of(path)
        return package if package is not None and package.root in self.packages else None

    def visible(self, package: Package) -> frozenset[str]:
        """Give the roots of a package and of what it depends on, directly or not (memoised)."""
        if package.root not in self._visible:
            by_name = {one.name: one for one in self.packages.values()}
            found, pending = {package.root}, [package]
            while pending:
                used = {by_name[one.package] for one in pending.pop().dependencies if one.package in by_name}
                pending.extend(one for one in used if one.root not in found)
                found.update(one.root for one in used)
            self._visible[package.root] = frozenset(found)
        return self._visible[package.root]

    def outside(self, package: Package) -> frozenset[str]:
        """Give the crates that a package may name and that are no members of the workspace (memoised)."""
        if package.root not in self._outside:
            members = cargo.workspace(self.target).packages
            used = (one.crate for one in package.dependencies if one.package not in members)
            self._outside[package.root] = frozenset({"std", "core", "alloc", *used})
        return self._outside[package.root]

    def declares_trait(self, name: str) -> bool:
        """Tell whether a file of the packages declares a trait of that name."""
        declared = re.compile(rf"\btrait\s+{re.escape(name)}\b".encode())
        paths = self.target.containing([f"trait {name}".encode()], self.sources)
        return any(declared.search(self.target.data(path)) for path in paths)

    def in_file(self, path: str) -> tuple[Definition, ...]:
        """Give every function with a body in a file, tests too (memoised)."""
        if path not in self._functions:
            package = self.package_of(path)
            found = () if package is None else rust.functions(rust.file(self.target, path))
            self._functions[path] = tuple(
                Definition(function, package) for function in found if package is not None and function.body is not None
            )
        return self._functions[path]

    def methods(self, name: str, kind: str) -> tuple[Definition, ...]:
        """Give the production methods of that name in impls of a type (memoised)."""
        key = (name, kind)
        if key not in self._methods:
            declared = re.compile(rf"\bfn\s+{re.escape(name)}\b".encode())
            paths = [path for path in self.impls(kind) if declared.search(self.target.data(path))]
            self._methods[key] = tuple(found for found in self.declared(name, paths) if found.function.owner == kind)
        return self._methods[key]

    def impls(self, kind: str) -> list[str]:
        """Give the files with an impl of a type, or the trait of that name (memoised)."""
        if kind not in self._impls:
            written = re.compile(rf"\b(?:impl|trait)\b[^;{{}}]*\b{re.escape(kind)}\b".encode())
            known = kind in _FOREIGN or len(kind) < 2
            paths = [] if known else self.target.containing([kind.encode()], self.sources)
            self._impls[kind] = [path for path in paths if written.search(self.target.data(path))]
        return self._impls[kind]

    def named(self, name: str) -> list[str]:
        """Give the files that declare a function of that name (memoised)."""
        if name not in self._named:
            declared = re.compile(rf"\bfn\s+{re.escape(name)}\b".encode())
            paths = self.target.containing([f"fn {name}".encode()], self.sources)
            self._named[name] = [path for path in paths if declared.search(self.target.data(path))]
        return self._named[name]

    def declared(self, name: str, paths: Iterable[str]) -> Iterator[Definition]:
        """Give the production functions of that name in some files."""
        for path in paths:
            for found in self.in_file(path):
                function = found.function
                if function.name == name and liveness.is_production(self.target, function.file, function.node):
                    yield found

    def fields(self, kind: str, package: Package) -> dict[str, frozenset[str]]:
        """Give the fields of a struct with the names in their types, of the package's own before others'."""
        if kind not in self._structs:
            found: list[tuple[Package, dict[str, frozenset[str]]]] = []
            foreign = kind in _FOREIGN or len(kind) < 2
            for path in () if foreign else self.target.containing([f"struct {kind}".encode()], self.sources):
                owner = self.package_of(path)
                file = rust.file(self.target, path)
                found.extend(
                    (owner, _struct_fields(file, item))
                    for item in rust.find(file, "struct_item")
                    if owner is not None and _text(file, item.child_by_field_name("name")) == kind
                )
            self._structs[kind] = tuple(found)
        known = self._structs[kind]
        own = [fields for owner, fields in known if owner.root == package.root]
        return own[0] if own else (known[0][1] if known else {})

    def callees(self, caller: Definition) -> tuple[Definition, ...]:
        """Give the production functions that a function calls directly."""
        body = self.body(caller)
        return tuple(dict.fromkeys(found for call in body.calls if call.name for found in body.resolved(call)))

    def body(self, caller: Definition) -> _Body:
        """Give the reader of a function's body (memoised)."""
        if caller.key not in self._bodies:
            self._bodies[caller.key] = _Body(self, caller)
        return self._bodies[caller.key]

    def callers(self, callee: Definition) -> tuple[Definition, ...]:
        """Give the functions, tests too, that call a production function directly (memoised)."""
        if callee.key not in self._callers:
            self._callers[callee.key] = tuple(self._calling(callee))
        return self._callers[callee.key]

    def _calling(self, callee: Definition) -> Iterator[Definition]:
        name = callee.function.name
        mark = re.compile(rf"\b{re.escape(name)}\b\s*(?:::<|\()".encode())
        owners = self.holders(callee.function.owner) if callee.function.owner else {name}
        for path in self.target.containing([owner.encode() for owner in owners], self.sources):
            if path not in self._called and not mark.search(self.target.data(path)):
                continue
            for caller in self._by_call(path).get(name, ()):
                body = self.body(caller)
                if any(callee in body.resolved(call) for call in body.calls if call.name == name):
                    yield caller

    def _by_call(self, path: str) -> dict[str, list[Definition]]:
        """Give the functions of a file by the names that they call (memoised)."""
        if path not in self._called:
            found: dict[str, list[Definition]] = {}
            for caller in self.in_file(path):
                for name in {call.name for call in self.body(caller).calls}:
                    found.setdefault(name, []).append(caller)
            self._called[path] = found
        return self._called[path]

    def holders(self, kind: str) -> set[str]:
        """Give a type and the structs that hold one, directly or not: receivers may be reached through them."""
        if kind in self._holders:
            return self._holders[kind]
        found = {kind}
        pending = {kind}
        while pending:
            fresh: set[str] = set()
            for path in self.target.containing([name.encode() for name in pending], self.sources):
                fresh.update(name for name, held in self._held(path) if not held.isdisjoint(pending))
            pending = fresh - found
            found |= pending
        self._holders[kind] = found
        return found

    def _held(self, path: str) -> list[tuple[str, frozenset[str]]]:
        """Give each struct of a file with the names in the types of its fields (memoised)."""
        if path not in self._structs_of:
            file = rust.file(self.target, path)
            self._structs_of[path] = [
                (
                    _text(file, item.child_by_field_name("name")),
                    frozenset[str]().union(*_struct_fields(file, item).values()),
                )
                for item in rust.find(file, "struct_item")
            ]
        return self._structs_of[path]


class _Body:
    """Reads the calls in one function, with the types of its locals."""

    def __init__(self, graph: Graph, caller: Definition) -> None:
        self.graph = graph
        self.caller = caller
        self.file = caller.function.file
        self.open: set[str] = set()
        """The locals whose types are being found, each perhaps by way of itself: `let x = x.clone()`."""
        self.cut: set[str] = set()
        """Those of them that were asked for again, so that what was found meanwhile is less than there is."""
        self.locals: dict[str, frozenset[str]] = {}
        self.meant: dict[int, tuple[Definition, ...]] = {}

    @cached_property
    def calls(self) -> tuple[rust.Call, ...]:
        return tuple(rust.calls(self.file, self.caller.function.body))

    @cached_property
    def by_node(self) -> dict[int, rust.Call]:
        return {call.node.id: call for call in reversed(self.calls)}

    def resolved(self, call: rust.Call) -> tuple[Definition, ...]:
        """Give the definitions that a call means, none when that cannot be told."""
        key = call.name_node.id
        if key in self.meant:
            return self.meant[key]
        found = self.resolve(call)
        if not self.open:  # else a local that is asked for right now may be missing from what is known
            self.meant[key] = found
        return found

    def resolve(self, call: rust.Call) -> tuple[Definition, ...]:
        if call.method:
            types = self.types_of(call.receiver)
            return self.chosen(call.name, types) if types else self.only(call.name, len(call.arguments))
        before, _, last = call.callee.rpartition("::")
        kind = before.rpartition("::")[2]
        if kind == "Self" and self.caller.function.owner:
            kind = self.caller.function.owner
        return self.chosen(last, self.aliased(kind)) if kind[:1].isupper() else self.bare(last, kind)

    def chosen(self, name: str, types: frozenset[str]) -> tuple[Definition, ...]:
        methods = (found for kind in sorted(types) for found in self.graph.methods(name, kind))
        return self.nearest([found for found in methods if self.sees(found)])

    def sees(self, found: Definition) -> bool:
        """Tell whether a function stands in the caller's package or in one that it depends on."""
        return found.package.root in self.graph.visible(self.caller.package)

    def bare(self, name: str, module: str) -> tuple[Definition, ...]:
        """Find a free function: of the module named, of the own file, of the own package, or the only one."""
        paths = self.graph.named(name)
        if module and module not in ("self", "super", "crate"):
            paths = [path for path in paths if module in (modules.named_by(path), self.crate(path))] or paths
        own = [path for path in paths if path == self.file.path]
        near = [path for path in paths if self.graph.package_of(path) == self.caller.package]
        paths = own or near or paths
        if len(paths) > _NAMESAKES:
            return ()
        declared = self.graph.declared(name, paths)
        return self.nearest([found for found in declared if found.function.owner is None and self.sees(found)])

    def crate(self, path: str) -> str:
        package = self.graph.package_of(path)
        return "" if package is None else package.name.replace("-", "_")

    def only(self, name: str, count: int) -> tuple[Definition, ...]:
        """Give the one production method of that name, whatever its type, when it takes so many arguments.

        An impl of a trait that no package declares, such as `Clone`, is one of many.
        """
        paths = self.graph.named(name)
        declared = self.graph.declared(name, paths) if len(paths) <= _NAMESAKES else ()
        found = tuple(one for one in declared if self.sees(one))
        if len(found) != 1 or _parameters(found[0].function) != count:
            return ()
        trait = found[0].function.trait
        return found if trait is None or self.graph.declares_trait(trait) else ()

    def nearest(self, found: Sequence[Definition]) -> tuple[Definition, ...]:
        """Prefer the own package, where several have the type."""
        near = [definition for definition in found if definition.package == self.caller.package]
        return tuple(near or found)

    # --- types

    def types_of(self, receiver: tuple[Node, ...]) -> frozenset[str]:
        """Give the type names of a receiver: one node, or in a macro's tokens a run of them."""
        if len(receiver) == 1:
            return self.types(receiver[0])
        types = _NO_TYPES
        start = 0
        for start, node in enumerate(receiver):  # `Type::<B>::new (..) . field . method (..)`
            if node.type == ".":
                break
            text = self.file.text_of(node)
            if start == 0 and node.type in ("identifier", "self"):
                types = self.types(node)
            if node.type in ("identifier", "type_identifier") and text[:1].isupper() and not types:
                types = self.aliased(text)
        for before, node in pairwise(receiver[start:]):
            if before.type == "." and node.type == "identifier":
                name = self.file.text_of(node)
                types = types if name in _SAME_TYPE else self.held(types, name)
        return types

    def types(self, node: Node) -> frozenset[str]:
        kind = node.type
        if kind == "self":
            return frozenset({self.caller.function.owner}) if self.caller.function.owner else _NO_TYPES
        if kind == "identifier":
            name = self.file.text_of(node)
            is_unit = name[:1].isupper() and not name.isupper()  # the value of a struct without fields
            return self.aliased(name) if is_unit else self.local(name)
        if kind in _PASSED_THROUGH:
            inner = node.child_by_field_name("value") or next(iter(node.named_children), None)
            inner = next((c for c in node.named_children if c.type != "mutable_specifier"), inner)
            return _NO_TYPES if inner is None else self.types(inner)
        if kind == "field_expression":
            value = node.child_by_field_name("value")
            return self.held(_NO_TYPES if value is None else self.types(value), self.name_in(node, "field"))
        if kind == "struct_expression":
            return self.aliased(self.name_in(node, "name").partition("<")[0].rstrip(":").rpartition("::")[2])
        return self.made(node) if kind == "call_expression" else _NO_TYPES

    def made(self, node: Node) -> frozenset[str]:
        """Give what a call returns: of the type it is named after, or as declared."""
        callee = node.child_by_field_name("function")
        if callee is not None and callee.type == "generic_function":
            callee = callee.child_by_field_name("function")
        if callee is not None and callee.type == "field_expression":
            value, name = callee.child_by_field_name("value"), self.name_in(callee, "field")
            types = _NO_TYPES if value is None else self.types(value)
            if name in _SAME_TYPE:
                return types
            call = self.by_node.get(node.id)
            count = 0 if call is None else len(call.arguments)
            return self.returned(self.chosen(name, types) if types else self.only(name, count))
        call = self.by_node.get(node.id)
        if call is None:
            return _NO_TYPES
        found = self.resolved(call)
        kind = call.callee.rpartition("::")[0].rpartition("::")[2]
        if found:
            return self.returned(found)
        if kind[:1].isupper():
            return self.aliased(kind)
        return _ELSEWHERE if self.is_elsewhere(call.callee) else _NO_TYPES

    def is_elsewhere(self, callee: str) -> bool:
        """Tell whether a free function belongs to a crate outside of the workspace, which returns types of its own."""
        path = callee.split("::")
        path = [*self.imports.get(path[0], (path[0],)), *path[1:]]
        return len(path) > 1 and path[0] in self.graph.outside(self.caller.package)

    @cached_property
    def imports(self) -> dict[str, tuple[str, ...]]:
        """What the names that the file imports stand for."""
        leaves = (use for use in rust.paths(self.file) if use.in_use and not use.glob)
        return {use.alias or use.segments[-1]: use.segments for use in leaves if use.segments}

    def returned(self, found: Iterable[Definition]) -> frozenset[str]:
        names: set[str] = set()
        for definition in found:
            result = definition.function.node.child_by_field_name("return_type")
            if result is not None:
                names |= _type_names(definition.function.file, result)
            if "Self" in names and definition.function.owner:
                names.add(definition.function.owner)
        return frozenset(names)

    def held(self, types: frozenset[str], field: str) -> frozenset[str]:
        found: set[str] = set()
        for kind in types:
            found |= self.graph.fields(kind, self.caller.package).get(field, _NO_TYPES)
        return frozenset(found)

    def aliased(self, kind: str) -> frozenset[str]:
        """Give a type and what a `type` item of the file makes it stand for."""
        return frozenset({kind}) | self.aliases.get(kind, _NO_TYPES)

    @cached_property
    def aliases(self) -> dict[str, frozenset[str]]:
        found = {}
        for item in rust.find(self.file, "type_item"):
            value = item.child_by_field_name("type")
            if value is not None:
                found[self.name_in(item, "name")] = frozenset(_type_names(self.file, value))
        return found

    def local(self, name: str) -> frozenset[str]:
        """Give the types of a local, parameter or loop variable; of a name bound several times, all of them."""
        if name in self.locals:
            return self.locals[name]
        if name in self.open:
            self.cut.add(name)
            return _NO_TYPES
        around, self.cut = self.cut, set()
        self.open.add(name)
        found: set[str] = set()
        for kind, value in self.bindings.get(name, ()):
            found |= _type_names(self.file, kind) if kind is not None else _NO_TYPES
            found |= self.types(value) if value is not None and kind is None else _NO_TYPES
        self.open.discard(name)
        self.cut.discard(name)
        types = frozenset(found)
        if not self.cut:
            self.locals[name] = types
        self.cut |= around
        return types

    @cached_property
    def bindings(self) -> dict[str, list[tuple[Node | None, Node | None]]]:
        found: dict[str, list[tuple[Node | None, Node | None]]] = {}
        for node in rust.walk(
            self.caller.function.node, "let_declaration", "for_expression", "parameter", "let_condition"
        ):
            pattern = node.child_by_field_name("pattern")
            kind, value = node.child_by_field_name("type"), node.child_by_field_name("value")
            for name in [] if pattern is None else rust.walk(pattern, "identifier"):
                found.setdefault(self.file.text_of(name), []).append((kind, value))
        for call in rust.walk(self.caller.function.node, "call_expression"):
            self.bind_closure(call, found)
        return found

    def bind_closure(self, call: Node, found: dict[str, list[tuple[Node | None, Node | None]]]) -> None:
        """Bind the parameters of `receiver.map(|x| ..)` to the receiver's elements."""
        callee, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if callee is None or callee.type != "field_expression" or arguments is None:
            return
        for closure in arguments.named_children:
            listed = closure.child_by_field_name("parameters") if closure.type == "closure_expression" else None
            for name in [] if listed is None else rust.walk(listed, "identifier"):
                found.setdefault(self.file.text_of(name), []).append((None, callee.child_by_field_name("value")))

    def name_in(self, node: Node, field: str) -> str:
        return _text(self.file, node.child_by_field_name(field))


def _text(file: RustFile, node: Node | None) -> str:
    return "" if node is None else file.text_of(node).removeprefix("r#")


def _parameters(function: Function) -> int | None:
    """Count the parameters of a method besides `self`; None of a function that has no `self`."""
    listed = function.node.child_by_field_name("parameters")
    kinds = [] if listed is None else [node.type for node in listed.named_children]
    return kinds.count("parameter") if "self_parameter" in kinds else None


def _type_names(file: RustFile, node: Node) -> set[str]:
    return {file.text_of(inner) for inner in rust.walk(node, "type_identifier")}


def _struct_fields(file: RustFile, item: Node) -> dict[str, frozenset[str]]:
    body = item.child_by_field_name("body")
    found = {}
    for index, node in enumerate([] if body is None else body.named_children):
        kind = node.child_by_field_name("type") if node.type == "field_declaration" else node
        key = _text(file, node.child_by_field_name("name")) if node.type == "field_declaration" else str(index)
        if kind is not None:
            found[key] = frozenset(_type_names(file, kind))
    return found
