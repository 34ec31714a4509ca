"""The engine: what a name or call stands for at the place where it is read, from function to function."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_mens.model import SubjectMissingError
from pytest_mens.target import globs
from pytest_mens.views import cargo, rust
from pytest_mens.views.flow.numbers import FLOATS, computed, literal
from pytest_mens.views.flow.source import Source, source
from pytest_mens.views.flow.syntax import SCOPED, arguments, expressions, results, strip, struct_field, tail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.flow.binders import Binder, Step
    from pytest_mens.views.flow.body import Atom, Body
    from pytest_mens.views.rust import Function

_ELEMENTWISE = frozenset(
    [
        "iter",
        "iter_mut",
        "into_iter",
        "clone",
        "copied",
        "cloned",
        "as_slice",
        "as_ref",
        "to_vec",
        "collect",
        "skip",
        "take",
        "rev",
        "by_ref",
        "expect",
        "unwrap",
        "into",
        "borrow",
        "as_mut_slice",
        "to_owned",
        "step_by",
        "peekable",
        "fuse",
        "inspect",
        "filter",
        "unwrap_or_default",
        "chunks",
        "windows",
    ]
)
_DEPTH_LIMIT = 2
_VALUE_DEPTH = 40
_STEP_LIMIT = 20_000
_FOREIGN = frozenset(
    ["std", "core", "alloc", "bool", "char", "str", "f32", "f64"]
    + [f"{sign}{width}" for sign in "iu" for width in ("8", "16", "32", "64", "128", "size")]
)
"""What paths into the standard library and to the methods of primitive types begin with."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A body as entered from a call: what its parameters stand for. `call` is the call site, None at the start."""

    body: Body
    given: Mapping[str, Place] = field(default_factory=dict)
    call: Place | None = None

    @property
    def depth(self) -> int:
        """How many calls lead here."""
        return 0 if self.call is None else self.call.frame.depth + 1


@dataclass(frozen=True, eq=False)
class Place:
    """An expression where it stands."""

    node: Node
    frame: Frame

    @property
    def body(self) -> Body:
        """The body it stands in."""
        return self.frame.body

    @property
    def text(self) -> str:
        """Its source text."""
        return self.frame.body.text(self.node)

    def at(self, node: Node) -> Place:
        """Give another expression of the same frame."""
        return Place(node, self.frame)

    @property
    def position(self) -> tuple[int, int]:
        """Where it starts."""
        return self.frame.body.file.position(self.node)


@dataclass(frozen=True)
class Call:
    """A call met in a trace: `path` is the resolved callee; of a method its name alone."""

    path: tuple[str, ...]
    method: bool
    place: Place


@dataclass
class Trace:
    """All that flows into a value: the places visited, calls, paths and types (resolved through uses), and strings."""

    calls: list[Call] = field(default_factory=list)
    paths: set[tuple[str, ...]] = field(default_factory=set)
    names: list[tuple[Binder, Place]] = field(default_factory=list)
    operations: list[Place] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    nodes: set[tuple[int, int]] = field(default_factory=set)


class Flow:
    """The engine over one target."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._holding: dict[tuple[str, bytes], list[str]] = {}
        self._below: dict[str, list[str]] = {}
        self._modules: dict[str, list[Source]] = {}
        self._frames: dict[tuple[int, int, int], Frame] = {}
        self._numbers: dict[tuple[int, int], float | None] = {}
        self.memo: dict[object, Any] = {}
        """What views that build on this one keep, by keys of their own."""

    def enter(self, path: str, function: Function) -> Frame:
        """Start at a function as a whole, its parameters unknown."""
        body = source(self.target, path).body(function)
        key = (id(body), 0, 0)
        if key not in self._frames:
            self._frames[key] = Frame(body)
        return self._frames[key]

    # --- one step ----------------------------------------------------------------------------------------------

    def binder(self, place: Place) -> Binder | None:
        """Give the binder of an identifier."""
        return place.body.binder(place.text.removeprefix("r#"), place.node.start_byte)

    def follow(self, place: Place) -> Place | None:
        """Give what an expression stands for one step back: a name's value, an alias of it, a constant's value.

        None when it stands for itself or cannot be followed. A name that is assigned again is not followed.
        """
        node = strip(place.node)
        if node.type not in ("identifier", *SCOPED):
            return None if node is place.node or node == place.node else place.at(node)
        here = place.at(node)
        if node.type == "identifier":
            binder = self.binder(here)
            if binder is not None:
                return self.bound(binder, here.frame)
        return self.constant(here)

    def bound(self, binder: Binder, frame: Frame) -> Place | None:
        """Give the value of a binder, its part where a pattern takes one; None when unknown or assigned again."""
        if binder.kind in ("parameter", "closure") and binder.name in frame.given and binder.value is None:
            return frame.given[binder.name]
        if binder.value is None or (binder.kind == "let" and self._reassigned(binder, frame)):
            return None
        return self.project(Place(binder.value, frame), binder.path)

    def _reassigned(self, binder: Binder, frame: Frame) -> bool:
        return any(value.start_byte > binder.start for value in frame.body.changes(binder))

    def project(self, place: Place, path: tuple[Step, ...], *, to_name: bool = False) -> Place:
        """Take the steps of a pattern into a value as far as they can be known; the whole value otherwise.

        With `to_name`, stop at the first name on the way.
        """
        for _ in range(64):
            if not path or (to_name and strip(place.node).type == "identifier"):
                return place
            following = self._project(place, path)
            if following is None:
                return place
            place, path = following
        return place

    def _project(self, place: Place, path: tuple[Step, ...]) -> tuple[Place, tuple[Step, ...]] | None:  # noqa: PLR0911 - one return per form
        node = strip(place.node)
        (kind, index), rest = path[0], path[1:]
        if node.type == "call_expression":
            return self._project_call(place.at(node), path)
        if node.type in ("tuple_expression", "array_expression") and kind == "item":
            parts = expressions(node)
            return (place.at(parts[int(index)]), rest) if int(index) < len(parts) else None
        if node.type == "struct_expression" and kind == "field":
            value = struct_field(place.body, node, str(index))
            return None if value is None else (place.at(value), rest)
        if node.type == "block":
            last = tail(node)
            return None if last is None else (place.at(last), path)
        if node.type == "identifier":
            binder = self.binder(place.at(node))
            bound = None if binder is None else self.bound(binder, place.frame)
            return None if bound is None or bound.node == node else (bound, path)
        if node != place.node:
            return place.at(node), path
        return None

    def _project_call(self, place: Place, path: tuple[Step, ...]) -> tuple[Place, tuple[Step, ...]] | None:  # noqa: PLR0911 - one return per form
        callee = place.body.callee(place.node)
        if callee is None:
            return None
        (kind, index), rest = path[0], path[1:]
        given = arguments(place.node)
        if kind == "element" and callee.receiver is not None:
            if callee.name == "enumerate":
                return (place.at(callee.receiver), (path[0], *rest[1:])) if rest[:1] == (("item", 1),) else None
            if callee.name == "zip" and given and rest[:1] in ((("item", 0),), (("item", 1),)):
                side = callee.receiver if rest[0][1] == 0 else given[0]
                return place.at(side), (path[0], *rest[1:])
            return (place.at(callee.receiver), path) if callee.name in _ELEMENTWISE else None
        if kind == "element" and callee.name in ("zip", "izip") and rest and rest[0][0] == "item":
            at = int(rest[0][1])
            return (place.at(given[at]), (path[0], *rest[1:])) if at < len(given) else None
        if kind == "variant" and callee.name[:1].isupper() and int(index) < len(given):
            return place.at(given[int(index)]), rest
        if callee.receiver is not None and callee.name in ("expect", "unwrap", "clone", "iter", "into_iter"):
            return place.at(callee.receiver), path
        frame = self.call(place)
        last = None if frame is None or frame.body.block is None else tail(frame.body.block)
        return None if frame is None or last is None else (Place(last, frame), path)

    # --- functions and constants -------------------------------------------------------------------------------

    def call(self, place: Place) -> Frame | None:
        """Enter the local function or closure that a call expression calls, or None. Recursion is not entered."""
        key = (id(place.frame), place.node.start_byte, place.node.end_byte)
        if key in self._frames:
            return self._frames[key]
        if place.frame.depth >= _DEPTH_LIMIT:
            return None
        body = self._called(place)
        if body is None or body is place.body:
            return None
        given = arguments(place.node)
        holder = body.node.child_by_field_name("parameters")
        names = [] if holder is None else [child for child in holder.named_children if child.type == "parameter"]
        frame_given = {}
        for parameter, argument in zip(names, given, strict=False):
            pattern = parameter.child_by_field_name("pattern")
            if pattern is not None:
                name = next(iter(rust.walk(pattern, "identifier")), None)
                if name is not None:
                    frame_given[body.text(name)] = place.at(argument)
        frame = self._frames[key] = Frame(body, frame_given, place)
        return frame

    def _called(self, place: Place) -> Body | None:  # noqa: PLR0911 - one return per form of callee
        callee = place.body.callee(place.node)
        if callee is None:
            return None
        if callee.receiver is not None:
            own = place.body.function
            if own is None or own.owner is None or place.body.text(callee.receiver) != "self":
                return None
            return self._local(place, callee.name, own.owner)
        if len(callee.segments) == 1:
            if place.body.binder(callee.name, place.node.start_byte) is not None:
                return None
            local = self._local(place, callee.name, None) or self._beside(place, callee.name)
            if local is not None:
                return local
        elif callee.segments[-2] == "Self" and place.body.function is not None:
            return self._local(place, callee.name, place.body.function.owner)
        elif callee.segments[-2][:1].isupper():
            return self._local(place, callee.name, callee.segments[-2])
        return self._elsewhere(place, place.body.source.resolve(callee.segments, place.node.start_byte))

    def _local(self, place: Place, name: str, owner: str | None) -> Body | None:
        found = [entry for entry in place.body.source.functions.get(name, ()) if entry.owner == owner]
        own = place.body.function
        if len(found) > 1 and own is not None:
            shared = [entry for entry in found if own.scope[: len(entry.scope)] == entry.scope]
            found = [max(shared, key=lambda entry: len(entry.scope))] if shared else []
        return place.body.source.body(found[0]) if len(found) == 1 else None

    def _beside(self, place: Place, name: str) -> Body | None:
        """Find the one free function in a file that an `include!` puts into the same module."""
        if name in place.body.source.functions or name in place.body.source.uses:
            return None
        found = [
            (there, entry)
            for there in self._spliced(place.body.file.path)
            for entry in there.functions.get(name, ())
            if entry.owner is None
        ]
        return found[0][0].body(found[0][1]) if len(found) == 1 else None

    def _spliced(self, path: str) -> list[Source]:
        """Give the other files that `include!` puts into the same module as `path`: its parts, or its whole."""
        if path not in self._modules:
            wholes = [name for name in self._including(path) if path in source(self.target, name).included]
            parts = [part for name in (path, *wholes) for part in source(self.target, name).included]
            names = dict.fromkeys(name for name in (*wholes, *parts) if name != path and self.target.exists(name))
            self._modules[path] = [source(self.target, name) for name in names]
        return self._modules[path]

    def _including(self, path: str) -> list[str]:
        """Give the files with an `include!` in the package that holds `path`."""
        try:
            package = cargo.workspace(self.target).package_of(path)
        except SubjectMissingError:
            return []
        return [] if package is None else self._files_with(package, b"include!")

    def _elsewhere(self, place: Place, path: tuple[str, ...]) -> Body | None:
        """Find the one free function of a path in another file of its package."""
        if len(path) < 2:
            return None
        found: list[tuple[Source, Function]] = []
        for name in self._files_of(place.body.file.path, path, b"fn " + path[-1].encode()):
            there = source(self.target, name)
            found.extend((there, entry) for entry in there.functions.get(path[-1], ()) if entry.owner is None)
        found = _of_module(found, path)
        return found[0][0].body(found[0][1]) if len(found) == 1 else None

    def _files_of(self, origin: str, path: tuple[str, ...], needle: bytes) -> list[str]:
        """Give the files that hold `needle` in the package that a path leads to, seen from `origin`."""
        try:
            workspace = cargo.workspace(self.target)
        except SubjectMissingError:
            return []
        package = workspace.package_of(origin)
        if path[0] in self._libraries:
            package = self._libraries[path[0]]
        elif package is None or path[0] in _FOREIGN or path[0] in {one.crate for one in package.dependencies}:
            return []
        return self._files_with(package, needle)

    def _files_with(self, package: Package, needle: bytes) -> list[str]:
        key = (package.root, needle)
        if key not in self._holding:
            self._holding[key] = self.target.containing([needle], self._files_below(package.root))
        return self._holding[key]

    def _files_below(self, root: str) -> list[str]:
        """Give the Rust files of a folder (memoised)."""
        if root not in self._below:
            self._below[root] = [name for name in globs.below(self.target.paths, root) if name.endswith(".rs")]
        return self._below[root]

    @cached_property
    def _libraries(self) -> dict[str, Package]:
        packages = cargo.workspace(self.target).all_packages
        libraries = ((package.target("lib"), package) for package in packages)
        return {library.crate: package for library, package in libraries if library is not None}

    def constant(self, place: Place) -> Place | None:
        """Give the value of the const or static that a name or path stands for, in this file or elsewhere."""
        item = self.constant_item(place)
        value = None if item is None else item.node.child_by_field_name("value")
        return None if item is None or value is None else item.at(value)

    def constant_item(self, place: Place) -> Place | None:
        """Give the const or static item that a name or path refers to."""
        node = place.node
        segments = place.body.segments(node)
        if not segments or not segments[-1] or segments[0] in ("f32", "f64"):
            return None
        if node.type == "identifier":
            binder = self.binder(place)
            if binder is not None:
                return place.at(binder.statement) if binder.kind in ("const", "static") else None
        here = place.body.source
        found = [(here, item) for item in here.constants.get(segments[-1], ())]
        if len(segments) > 1 or not found:
            path = here.resolve(segments, node.start_byte)
            if len(path) > 1 and path[0] not in ("self", "Self"):
                needle = path[-1].encode()
                elsewhere = [
                    (there, item)
                    for name in self._files_of(here.file.path, path, needle)
                    for there in (source(self.target, name),)
                    for item in there.constants.get(path[-1], ())
                ]
                found = _of_module(elsewhere, path) or found
        if not found and len(segments) == 1:
            beside = self._spliced(here.file.path)
            found = [(there, one) for there in beside for one in there.constants.get(segments[0], ())]
        if len(found) != 1:
            return None
        there, item = found[0]
        body = there.constant(item)
        key = (id(body), 0, 0)
        if key not in self._frames:
            self._frames[key] = Frame(body)
        return Place(body.node, self._frames[key])

    # --- values ------------------------------------------------------------------------------------------------

    def number(self, place: Place, depth: int = 0) -> float | None:
        """Give the number an expression is, through names, constants, casts and arithmetic, or None (memoised)."""
        key = (place.node.id, id(place.frame))
        if key not in self._numbers:
            if depth > _VALUE_DEPTH:
                return None
            self._numbers[key] = None
            self._numbers[key] = self._number(place, depth)
        return self._numbers[key]

    def _number(self, place: Place, depth: int) -> float | None:  # noqa: PLR0911 - one return per form
        node = strip(place.node)
        if node.type in ("integer_literal", "float_literal"):
            return literal(place.body.text(node))
        if node.type == "unary_expression" and node.children[0].type == "-":
            inner = self.number(place.at(node.children[-1]), depth + 1)
            return None if inner is None else -inner
        if node.type == "binary_expression":
            return self._arithmetic(place.at(node), depth)
        if node.type in SCOPED:
            segments = place.body.segments(node)
            known = FLOATS.get(segments[-1]) if len(segments) > 1 and segments[-2] in ("f32", "f64") else None
            if known is not None:
                return known[0] if segments[-2] == "f32" else known[1]
        if node.type == "call_expression":
            return self._number_of_call(place.at(node), depth)
        if node.type in ("field_expression", "index_expression"):
            part = self._part(place.at(node), depth)
            return None if part is None else self.number(part, depth + 1)
        if node.type == "block":
            last = tail(node) if len(expressions(node)) == 1 else None
            return None if last is None else self.number(place.at(last), depth + 1)
        following = self.follow(place.at(node))
        return None if following is None else self.number(following, depth + 1)

    def _part(self, place: Place, depth: int) -> Place | None:
        """Give what a field or an index takes out of a tuple, array or struct that is written down."""
        base = place.at(expressions(place.node)[0])
        for _ in range(_DEPTH_LIMIT + 1):
            following = self.follow(base)
            base = base if following is None else following
        whole = strip(base.node)
        if place.node.type == "field_expression":
            name = place.node.child_by_field_name("field")
            key = "" if name is None else place.body.text(name)
            if whole.type == "struct_expression":
                value = struct_field(base.body, whole, key)
                return None if value is None else base.at(value)
            return _element(base, whole, "tuple_expression", float(key) if key.isdigit() else None)
        return _element(base, whole, "array_expression", self.number(place.at(expressions(place.node)[-1]), depth + 1))

    def _arithmetic(self, place: Place, depth: int) -> float | None:
        left, right, operator = (place.node.child_by_field_name(name) for name in ("left", "right", "operator"))
        if left is None or right is None or operator is None:
            return None
        a, b = self.number(place.at(left), depth + 1), self.number(place.at(right), depth + 1)
        if a is None or b is None:
            return None
        results = {"+": a + b, "-": a - b, "*": a * b}
        if operator.type == "/" and b:
            whole = all(side.type == "integer_literal" and "f" not in place.body.text(side) for side in (left, right))
            return a // b if whole else a / b
        return results.get(operator.type)

    def _number_of_call(self, place: Place, depth: int) -> float | None:
        callee = place.body.callee(place.node)
        if callee is None:
            return None
        given = [self.number(place.at(argument), depth + 1) for argument in arguments(place.node)]
        if callee.receiver is None:
            if callee.segments[-2:-1] in (("f32",), ("f64",)):
                numbers = [number for number in given if number is not None]
                return computed(callee.name, numbers) if given and len(numbers) == len(given) else None
            frame = self.call(place)
            last = None if frame is None or frame.body.block is None else tail(frame.body.block)
            return None if frame is None or last is None else self.number(Place(last, frame), depth + 1)
        value = self.number(place.at(callee.receiver), depth + 1)
        if value is None:
            return None
        numbers = [number for number in given if number is not None]
        return computed(callee.name, [value, *numbers]) if len(numbers) == len(given) else None

    # --- everything that flows in ------------------------------------------------------------------------------

    def trace(self, *places: Place) -> Trace:
        """Collect all that flows into the places, through names, pushes, closures and local functions."""
        found = Trace()
        pending = list(places)
        for _ in range(_STEP_LIMIT):
            if not pending:
                break
            place = pending.pop()
            key = (place.node.id, id(place.frame))
            if key in found.nodes:
                continue
            found.nodes.add(key)
            for atom in place.body.atoms(place.node):
                pending.extend(self._visit(atom, place.at(atom.node), found))
        return found

    def trace_names(self, place: Place) -> list[Binder]:
        """Give the binders of all names that flow into an expression within its own body."""
        return [binder for binder, _ in self.trace(place).names]

    def _visit(self, atom: Atom, place: Place, found: Trace) -> Iterator[Place]:
        body = place.body
        if atom.kind == "name":
            binder = self.binder(place)
            if binder is not None:
                found.names.append((binder, place))
                yield from self._flowing(binder, place.frame)
            else:
                found.paths.add(body.source.resolve((place.text.removeprefix("r#"),), place.node.start_byte))
        elif atom.kind == "type":
            yield from self._type(place, found)
        elif atom.kind == "path":
            found.paths.update(self._path(place))
        elif atom.kind == "call":
            callee = body.callee(place.node)
            if callee is not None:
                method = callee.receiver is not None
                path = callee.segments if method else body.source.resolve(callee.segments, place.node.start_byte)
                found.calls.append(Call(path, method, place))
                frame = self.call(place)
                if frame is not None and frame.body.block is not None:
                    yield from (Place(node, frame) for node in results(frame.body.block))
        elif atom.kind == "operation":
            found.operations.append(place)
        elif atom.kind == "string":
            found.strings.append(rust.string(body.file, place.node).value)

    def _path(self, place: Place) -> Iterator[tuple[str, ...]]:
        segments = place.body.segments(place.node)
        if not segments:
            return
        yield place.body.source.resolve(segments, place.node.start_byte)
        alias = place.body.source.alias(segments[0], place.node.start_byte)
        if alias is not None:
            for name in rust.walk(alias, "type_identifier"):
                yield place.body.source.resolve((place.body.text(name),), name.start_byte)

    def _type(self, place: Place, found: Trace) -> Iterator[Place]:
        name = place.text
        alias = place.body.source.alias(name, place.node.start_byte)
        if alias is None or alias.start_byte <= place.node.start_byte < alias.end_byte:
            found.paths.add(place.body.source.resolve((name,), place.node.start_byte))
            return
        yield place.at(alias)

    def _flowing(self, binder: Binder, frame: Frame) -> Iterator[Place]:
        """Give all values that a name may hold, and its declared type."""
        given = frame.given.get(binder.name) if binder.kind in ("parameter", "closure") else None
        if given is not None and binder.value is None:
            yield given
        elif binder.value is not None:
            yield self.project(Place(binder.value, frame), binder.path)
        elif binder.kind == "closure":
            yield from self._closure_arguments(binder, frame)
        if binder.type is not None:
            yield Place(binder.type, frame)
        for value in frame.body.changes(binder):
            yield Place(value, frame)

    def _closure_arguments(self, binder: Binder, frame: Frame) -> Iterator[Place]:
        """Give what the calls of a let-bound closure pass for one of its parameters."""
        body = frame.body
        closure = body.enclosing(binder.node, "closure_expression")
        holder = None if closure is None else body.parent(closure)
        if closure is None or holder is None or holder.type != "let_declaration":
            return
        parameters = closure.child_by_field_name("parameters")
        index = [child.start_byte for child in expressions(parameters)] if parameters is not None else []
        at = sum(start <= binder.node.start_byte for start in index) - 1
        for call in body.calls:
            callee = body.callee(call)
            if callee is None or callee.receiver is not None or len(callee.segments) != 1:
                continue
            named = body.binder(callee.name, call.start_byte)
            given = arguments(call)
            if named is not None and named.value == closure and at < len(given):
                yield Place(given[at], frame)


_Entry = TypeVar("_Entry")


def _of_module(found: list[tuple[Source, _Entry]], path: tuple[str, ...]) -> list[tuple[Source, _Entry]]:
    """Keep, of several items of one name, those whose file is named as the module in the path."""
    if len(found) < 2:
        return found
    return [entry for entry in found if _module_name(entry[0].file.path) == path[-2]] or found


def _module_name(path: str) -> str:
    folder, name = posixpath.split(path)
    return posixpath.basename(folder) if name == "mod.rs" else name.removesuffix(".rs")


def flow(target: Target) -> Flow:
    """Give the engine of a target (memoised)."""
    return target.view(Flow)


def _element(base: Place, whole: Node, kind: str, index: float | None) -> Place | None:
    parts = expressions(whole) if whole.type == kind else []
    if any(child.type == ";" for child in whole.children):
        return base.at(parts[0]) if parts else None
    return base.at(parts[int(index)]) if index is not None and 0 <= index < len(parts) else None
