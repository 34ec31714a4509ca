"""A use of a library's feature-gated export stands only where the consumer's own features turn the export on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.model import Finding, Related, SubjectMissingError, UnreadableError
from pytest_mens.target.search import before_space, occurrences, stands_alone
from pytest_mens.views import bindings, cargo, cfg, modules, rust, toml
from pytest_mens.views.exports import Exports
from pytest_mens.views.rust import PathUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Dependency, Package
    from pytest_mens.views.cfg import Predicate
    from pytest_mens.views.exports import Path
    from pytest_mens.views.modules import Placement
    from pytest_mens.views.rust import RustFile

_SETS = 256
"""Feature sets of one condition that are tried; real conditions have a handful."""


_GLOB = re.compile(rb"[:{,]\s*\*\s*[;,}]")
_TEST = "cfg(test)"
"""Stands for `test` among features, no name of which has brackets."""


@dataclass(frozen=True)
class Params:
    """`package` is the library, `feature` the gate. Targets of the kinds in `excluded_kinds` are no consumers.

    `assumed` are globs of the cfg predicates, other than features, that are taken to hold; all others do not.
    """

    package: str
    feature: str
    excluded_kinds: tuple[str, ...]
    assumed: tuple[str, ...]


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Yield every use that some minimal set of the consumer's features compiles without turning the export on."""
    workspace = cargo.workspace(target)
    library = workspace.packages.get(params.package)
    if library is None or library.target("lib") is None:
        raise SubjectMissingError(f"the workspace has no library package `{params.package}`", path=workspace.manifest)
    rule = _Rule(target, params, library, Exports(target, library))
    if not rule.gated:
        raise SubjectMissingError(
            f"no path of `{params.package}` is gated on the feature `{params.feature}`", path=library.manifest
        )
    seen = set()
    for finding in rule.findings(workspace):
        place = (finding.path, finding.line, finding.column)
        if place not in seen:
            seen.add(place)
            yield finding


def _stands_later(data: bytes, at: int) -> bool:
    """Tell whether a name at `at` may follow `::`, or stand in the braces of a `use`."""
    at = before_space(data, at - 2 if data[at - 2 : at] == b"r#" else at)
    return data[at - 1 : at] in {b":", b"{", b","}


class _Use(NamedTuple):
    """A path of the library in a file, from the library's root, as seen from `inside` of it or through its exports.

    The first `known` segments were brought in by a `use` of the same file, which is judged by itself.
    """

    written: PathUse
    path: Path
    known: int = 0
    inside: bool = False


class _Scope(NamedTuple):
    """A name that a `use` gives to a module of the library, and the syntax in which it holds."""

    name: str
    path: Path
    node: Node


@dataclass(frozen=True)
class _Build:
    """One way to compile a use: the features that its cfg asks of its package, and what they make of the library.

    `features` are those of the library, None when the library is no dependency then.
    """

    chosen: frozenset[str]
    features: frozenset[str] | None


@dataclass
class _Rule:
    """The subject and the parameters, with what was derived from them once."""

    target: Target
    params: Params
    library: Package
    exports: Exports
    builds_of: dict[tuple[Package, Predicate, bool], tuple[_Build, ...]] = field(default_factory=dict)
    failing: dict[_Build, frozenset[bytes]] = field(default_factory=dict)
    finders: dict[frozenset[bytes], Callable[[bytes], Iterator[tuple[bytes, int, int]]]] = field(default_factory=dict)

    @cached_property
    def gate(self) -> cfg.Atom:
        return cfg.Atom("feature", self.params.feature)

    def mentions(self, condition: Predicate | None) -> bool:
        return condition is not None and self.gate in cfg.atoms(condition)

    def holds(self, condition: Predicate, features: frozenset[str], *, positive: bool = True) -> bool:
        """Tell whether `condition` is met (or its negation); what is assumed holds wherever and however it is named."""
        if isinstance(condition, cfg.Atom):
            if condition.name == "feature":
                return (condition.value in features) is positive
            return self.is_assumed(condition) or not positive
        if isinstance(condition, cfg.Not):
            return self.holds(condition.operand, features, positive=not positive)
        met = (self.holds(operand, features, positive=positive) for operand in condition.operands)
        return all(met) if isinstance(condition, cfg.All) is positive else any(met)

    def is_assumed(self, atom: cfg.Atom) -> bool:
        return any(fnmatchcase(atom.name, pattern) for pattern in self.params.assumed)

    # --- What is gated -------------------------------------------------------------------------------------------

    @cached_property
    def definitions(self) -> tuple[tuple[str, Predicate, bool], ...]:
        """Give name, cfg and whether the gate stands on it, of what the files that name the gate define.

        A gated path holds one of the gated names, and a path that does not exist holds one whose cfg does not hold.
        """
        places = self.exports.files
        files = set(self.target.containing((self.params.feature.encode(),), {place.file for place in places}))
        found: list[tuple[str, Predicate, bool]] = []
        for place in places:
            if place.file in files:
                file = rust.file(self.target, place.file)
                if place.module and self.mentions(rust.local_cfg(file, file.root)):
                    found.append((place.module[-1], place.cfg, True))
                for module in (place.module, *_inline_modules(file, place.module)):
                    found.extend(self.definitions_in(module))
        return tuple(found)

    def definitions_in(self, module: Path) -> Iterator[tuple[str, Predicate, bool]]:
        namespace = self.exports.namespace(module)
        for name, definitions in namespace.named.items():
            for definition in definitions:
                if definition.public or not self.exports.is_foreign(definition, module):
                    yield name, definition.cfg, self.mentions(definition.own)
        for members in namespace.members.values():
            for name, definitions in members.items():
                for definition in definitions:
                    yield name, definition.cfg, self.mentions(definition.own)
        for glob in namespace.globs:
            leads = self.exports.absolute(glob.leads, module) if glob.leads else None
            if leads is not None and leads != module[: len(leads)] and self.mentions(glob.own):
                for name in self.exports.namespace(leads).named:
                    yield name, glob.cfg, True

    @cached_property
    def gated(self) -> frozenset[bytes]:
        return frozenset(name.encode() for name, _, is_gated in self.definitions if is_gated)

    def missing_from(self, build: _Build) -> frozenset[bytes]:
        """Give the names that do not exist in a build of the library; without the library none does."""
        features = build.features
        if features is None:
            return self.gated
        if build not in self.failing:
            names = (name for name, condition, _ in self.definitions if not self.holds(condition, features))
            self.failing[build] = frozenset(name.encode() for name in names)
        return self.failing[build]

    def may_name(self, path: str, names: frozenset[bytes]) -> bool:
        """Tell whether `names` occur as segments of paths, as far as the bytes tell: the cheap step."""
        try:
            data = self.target.data(path)
        except UnreadableError:
            return True  # whoever needs the file will say so
        is_own = path in self.own
        brings_all = not is_own and _GLOB.search(data) is not None
        return any(
            brings_all or _stands_later(data, start) or (is_own and data[end : end + 2] == b"::")
            for _, start, end in self.finder(names)(data)
            if stands_alone(data, start, end)
        )

    def finder(self, names: frozenset[bytes]) -> Callable[[bytes], Iterator[tuple[bytes, int, int]]]:
        if names not in self.finders:
            self.finders[names] = occurrences(names)
        return self.finders[names]

    @cached_property
    def own(self) -> frozenset[str]:
        return frozenset(place.file for place in self.exports.files)

    # --- How a consumer builds the library -----------------------------------------------------------------------

    def builds(self, package: Package, condition: Predicate, *, dev: bool) -> tuple[_Build, ...]:
        """Give a build for every minimal set of the package's features that satisfies `condition`."""
        key = (package, condition, dev)
        if key not in self.builds_of:
            self.builds_of[key] = tuple(
                _Build(chosen, self.features(package, chosen, dev=dev or is_test))
                for chosen, is_test in self.feature_sets(package, condition)
            )
        return self.builds_of[key]

    def feature_sets(self, package: Package, condition: Predicate) -> list[tuple[frozenset[str], bool]]:
        """Give the minimal sets, each with whether it is one of a test build; a weaker build stands for a stronger."""
        found: list[tuple[frozenset[str], bool]] = []
        for literals in sorted(self.implicants(condition, positive=True), key=_by_size):
            is_test = (_TEST, True) in literals
            chosen = frozenset(name for name, positive in literals if positive and name != _TEST)
            closed = cargo.close_features(package, chosen)
            if any(not positive and name in closed for name, positive in literals):
                continue
            chosen = _unimplied(package, chosen)
            if chosen <= package.features.keys() and not any(
                smaller <= chosen and test <= is_test for smaller, test in found
            ):
                found.append((chosen, is_test))
        return found

    def implicants(self, condition: Predicate, *, positive: bool) -> set[frozenset[tuple[str, bool]]]:
        """Give the conjunctions of feature literals that make `condition` hold (or fail, when not `positive`)."""
        if isinstance(condition, cfg.Atom):
            if condition.name == "feature":
                return {frozenset({(condition.value or "", positive)})}
            if condition == cfg.Atom("test"):
                return {frozenset({(_TEST, positive)})} if self.is_assumed(condition) or not positive else set()
            return {frozenset()} if self.is_assumed(condition) or not positive else set()
        if isinstance(condition, cfg.Not):
            return self.implicants(condition.operand, positive=not positive)
        parts = [self.implicants(operand, positive=positive) for operand in condition.operands]
        if isinstance(condition, cfg.All) is not positive:
            return _minimal(literals for part in parts for literals in part)
        joined: set[frozenset[tuple[str, bool]]] = {frozenset()}
        for part in parts:
            joined = _minimal(one | other for one, other in product(joined, part))
        return joined

    def features(self, package: Package, chosen: frozenset[str], *, dev: bool) -> frozenset[str] | None:
        """Give the features of the library, None when it is off; other packages of a build do not count."""
        closed = cargo.close_features(package, chosen)
        given = cargo.dependency_features(closed, self.dependencies(package, dev=dev))
        if package is self.library:
            given = closed | (given or frozenset())
        return None if given is None else cargo.close_features(self.library, given)

    def dependencies(self, package: Package, *, dev: bool) -> list[Dependency]:
        kinds = {"normal", "dev"} if dev else {"normal"}
        return [one for one in package.dependencies if one.package == self.library.name and one.kind in kinds]

    # --- Uses ----------------------------------------------------------------------------------------------------

    def findings(self, workspace: cargo.Workspace) -> Iterator[Finding]:
        unreadable: UnreadableError | None = None
        for path in self.candidates(workspace):
            for place in modules.placements(self.target, path):
                if place.target.kind in self.params.excluded_kinds or not self.may_fail(place):
                    continue
                try:
                    file = rust.file(self.target, path)
                except UnreadableError as error:
                    if place.package is self.library or self.dependencies(place.package, dev=True):
                        unreadable = unreadable or error
                    continue
                for use in self.uses(file, place):
                    yield from self.judge(use, file, place)
        if unreadable is not None:
            raise unreadable

    def candidates(self, workspace: cargo.Workspace) -> list[str]:
        """Give the files that hold the name of the library, or belong to it, and a gated name."""
        others = [path for path in self.target.paths if path.endswith(".rs") and path not in self.own]
        crates = {crate.encode() for package in workspace.packages.values() for crate in self.crates(package)}
        found = self.own.union(self.target.containing(crates, others))
        return sorted(path for path in found if self.may_name(path, self.gated))

    def crates(self, package: Package) -> frozenset[str]:
        """Give the names that the code of `package` has for the library."""
        named = frozenset(one.crate for one in self.dependencies(package, dev=True))
        library = self.library.target("lib")
        return named or frozenset({library.crate if library is not None else ""})

    def may_fail(self, place: Placement) -> bool:
        """Tell whether a file names anything that some build of it is without; the cheap step before its syntax."""
        builds = self.builds(place.package, _with_required(place), dev=_is_dev(place, place.cfg))
        return any(self.may_name(place.file, self.missing_from(build)) for build in builds)

    def uses(self, file: RustFile, place: Placement) -> Iterator[_Use]:
        if place.package is self.library and place.target.kind == "lib":
            return self.uses_inside(file, place)
        return self.uses_outside(file, self.crates(place.package))

    def uses_outside(self, file: RustFile, crates: frozenset[str]) -> Iterator[_Use]:
        aliases: list[_Scope] = []
        globs: list[_Scope] = []
        written = [use for use in rust.paths(file) if use.segments]
        shadows = [
            _Scope(name, (), node)
            for node in rust.find(file, "mod_item")
            if (name := rust.name_of(file, node)) in crates
        ]
        for use in written:
            if use.segments[0] in crates and not any(_reaches(file, one, use) for one in shadows):
                path = use.segments[1:]
                yield _Use(use, path)
                name = use.alias or use.segments[-1]
                if use.glob:
                    globs.append(_Scope("", path, _declaration(use)))
                elif use.in_use and name not in crates and self.exports.module_of(path) is not None:
                    aliases.append(_Scope(name, path, _declaration(use)))
        for use in written:
            alias = next((one for one in aliases if one.name == use.segments[0] and _reaches(file, one, use)), None)
            if alias is not None and len(use.segments) > 1:
                yield _Use(use, alias.path + use.segments[1:], len(alias.path))

        if globs:
            yield from self.uses_through(file, globs, written)

    def uses_through(self, file: RustFile, globs: Sequence[_Scope], longer: Sequence[PathUse]) -> Iterator[_Use]:
        """Give the gated names that a glob of the file brings in and nothing in the file defines."""
        own = _defined(file)
        alone = (
            PathUse((file.text_of(node),), node, in_use=False)
            for node in rust.walk(file.root, "identifier", "type_identifier")
            if _is_bare(node)
        )
        for use in (*(use for use in longer if not use.in_use), *alone):
            name = use.segments[0]
            if name.encode() not in self.gated or name in own:
                continue
            for scope in globs:
                if _reaches(file, scope, use) and self.exports.condition((*scope.path, name)) is not None:
                    yield _Use(use, scope.path + use.segments, len(scope.path))
                    break

    def uses_inside(self, file: RustFile, place: Placement) -> Iterator[_Use]:
        written = [use for use in rust.paths(file) if use.segments]
        local = [
            _Scope(use.alias or use.segments[-1], (), _declaration(use))
            for use in written
            if use.in_use and not use.glob
        ]
        local = [scope for scope in local if scope.node.parent is not None and scope.node.parent.type == "block"]
        for use in written:
            module = (*place.module, *_inline_path(file, use.node))
            path = self.exports.absolute(use.segments, module)
            if path is None:
                continue
            is_relative = use.segments[0] not in {"crate", "$crate", "self", "super"}
            if is_relative and any(one.name == use.segments[0] and _reaches(file, one, use) for one in local):
                continue
            yield _Use(use, path, len(module) + 1 if is_relative else 0, inside=True)

    def judge(self, use: _Use, file: RustFile, place: Placement) -> Iterator[Finding]:
        needed = self.exports.condition(use.path, inside=use.inside)
        if needed is None or not self.mentions(needed):
            return
        condition = cfg.conjoin((_with_required(place), rust.local_cfg(file, use.written.node)))
        for build in self.builds(place.package, condition, dev=_is_dev(place, condition)):
            if build.features is None or not self.holds(needed, build.features):
                if not self.is_reported_elsewhere(use, build):
                    yield self.finding(use, file, place, build)
                return

    def is_reported_elsewhere(self, use: _Use, build: _Build) -> bool:
        """Tell whether the `use` that brought the first segments in is itself a finding."""
        known = use.path[: use.known]
        if not known or not self.mentions(self.exports.condition(known, inside=use.inside)):
            return False
        if not use.inside or build.features is None:
            return build.features is None or not self.exists(known, use, build.features)
        brought = self.exports.namespace(known[:-1]).named.get(known[-1], ())
        features = build.features
        return any(one.kind == "use" and self.holds(one.cfg, features) for one in brought) and not self.exists(
            known, use, features
        )

    def exists(self, path: Path, use: _Use, features: frozenset[str]) -> bool:
        condition = self.exports.condition(path, inside=use.inside)
        return condition is None or self.holds(condition, features)

    def finding(self, use: _Use, file: RustFile, place: Placement, build: _Build) -> Finding:
        features = build.features
        length = next(
            (
                length
                for length in range(max(use.known, 1), len(use.path) + 1)
                if features is not None and not self.exists(use.path[:length], use, features)
            ),
            len(use.path),
        )
        node = _segment(use.written, len(use.path) - length)
        line, column = file.position(node)
        package = place.package
        library = self.library.name
        manifest = toml.file(self.target, package.manifest)
        feature_line, feature_column = manifest.position(*self.route(package, build, place))
        crate = "crate" if use.inside else min(self.crates(package))
        path = "::".join((crate, *use.path))
        builder = f"`{package.name}` with {_listed(build.chosen)}" if build.chosen else f"`{package.name}`"
        gate_line, gate_column = toml.file(self.target, self.library.manifest).position("features", self.params.feature)
        return Finding(
            file.path,
            f"`{path}` needs {self.lack(use, features)}, which {builder} does not turn on:"
            f" {package.manifest}:{feature_line}",
            line,
            column,
            end=file.end_position(node),
            help=f"put the use under a feature that turns on `{library}/{self.params.feature}`, or turn it on there",
            related=(
                Related(package.manifest, feature_line, feature_column, "the features that count here"),
                Related(self.library.manifest, gate_line, gate_column, "the feature that is needed"),
            ),
        )

    def lack(self, use: _Use, features: frozenset[str] | None) -> str:
        """Say what of the condition of a use is not met."""
        if features is None:
            return f"the dependency `{self.library.name}`"
        needed = self.exports.condition(use.path, inside=use.inside) or cfg.TRUE
        parts = needed.operands if isinstance(needed, cfg.All) else (needed,)
        missing = cfg.conjoin(part for part in parts if not self.holds(part, features))
        return f"`{cfg.show(_without_implied(missing))}` of `{self.library.name}`"

    def route(self, package: Package, build: _Build, place: Placement) -> tuple[str | int, ...]:
        """Give where the manifest says which features of the library the build has."""
        if build.chosen:
            return ("features", min(build.chosen))
        if package is self.library:
            return ("features", self.params.feature)
        declared = self.dependencies(package, dev=_is_dev(place, place.cfg))
        return declared[0].route if declared else ("dependencies",)


def _unimplied(package: Package, chosen: frozenset[str]) -> frozenset[str]:
    """Drop the features that others of `chosen` turn on."""
    for name in sorted(chosen):
        others = chosen - {name}
        if name in cargo.close_features(package, others):
            chosen = others
    return chosen


def _without_implied(condition: Predicate) -> Predicate:
    """Drop the parts of a conjunction that its other parts imply."""
    parts = list(condition.operands) if isinstance(condition, cfg.All) else [condition]
    for part in tuple(parts):
        others = [other for other in parts if other is not part]
        if others and cfg.implies(cfg.conjoin(others), part):
            parts = others
    return cfg.conjoin(parts)


def _minimal(sets: Iterable[frozenset[tuple[str, bool]]]) -> set[frozenset[tuple[str, bool]]]:
    """Drop what contradicts itself and what another set implies."""
    kept: list[frozenset[tuple[str, bool]]] = []
    for literals in sorted(set(sets), key=_by_size):
        if any((name, not positive) in literals for name, positive in literals):
            continue
        if not any(smaller <= literals for smaller in kept):
            kept.append(literals)
    return set(kept[:_SETS])


def _by_size(literals: frozenset[tuple[str, bool]]) -> tuple[int, list[tuple[str, bool]]]:
    return len(literals), sorted(literals)


def _listed(features: frozenset[str]) -> str:
    return ", ".join(f"`{feature}`" for feature in sorted(features))


def _with_required(place: Placement) -> Predicate:
    return cfg.conjoin((place.cfg, *(cfg.Atom("feature", name) for name in place.target.required_features)))


def _is_dev(place: Placement, condition: Predicate) -> bool:
    """Tell whether dev-dependencies are there: in tests, examples and benches, and under `cfg(test)`."""
    return place.target.kind in {"test", "example", "bench"} or (
        condition != cfg.TRUE and cfg.implies(condition, cfg.Atom("test"))
    )


def _inline_modules(file: RustFile, module: Path) -> Iterator[Path]:
    for node in rust.find(file, "mod_item"):
        body = node.child_by_field_name("body")
        if body is not None:
            yield (*module, *_inline_path(file, body))


def _inline_path(file: RustFile, node: Node) -> Path:
    """Give the names of the inline modules around `node`, outermost first."""
    found = []
    around = rust.enclosing(node, "mod_item")
    while around is not None:
        found.append(rust.name_of(file, around))
        around = rust.enclosing(around, "mod_item")
    return tuple(reversed(found))


def _defined(file: RustFile) -> frozenset[str]:
    """Give the names that something in the file defines, binds or imports by name."""
    items = rust.find(file, *_ITEMS)
    generic = (node.named_children[0] for node in rust.walk(file.root, "type_parameter") if node.named_children)
    named = {rust.name_of(file, item) for item in items} | {file.text_of(node) for node in generic}
    return bindings.item_names(file) | bindings.bound_within(file, file.root) | named


_ITEMS = ("struct_item", "enum_item", "union_item", "type_item", "trait_item", "mod_item", "macro_definition")


def _is_bare(node: Node) -> bool:
    """Tell whether an identifier is a path of its own, as far as one can tell in a macro's tokens."""
    parent = node.parent
    if parent is None or rust.enclosing(node, *_DECLARATIONS, "attribute_item", "inner_attribute_item") is not None:
        return False
    if parent.type == "token_tree":
        before, after = node.prev_sibling, node.next_sibling
        return (before is None or before.type not in {".", "::", "fn", "'"}) and (
            after is None or after.type not in {"::", ":", "="}
        )
    return parent.type not in _NAMING


_NAMING = (
    *("scoped_identifier", "scoped_type_identifier", "enum_variant"),
    *("lifetime", "label", "shorthand_field_initializer"),
)
"""What an identifier in it is a part of, or only a label."""


def _declaration(use: PathUse) -> Node:
    if use.node.type in _DECLARATIONS:
        return use.node
    return rust.enclosing(use.node, *_DECLARATIONS) or use.node


_DECLARATIONS = ("use_declaration", "extern_crate_declaration")


def _reaches(file: RustFile, scope: _Scope, use: PathUse) -> bool:
    """Tell whether a name that `scope` declares is in scope at `use`; by itself it does not enter inline modules."""
    holder = scope.node.parent
    if holder is None or not holder.start_byte <= use.node.start_byte < holder.end_byte:
        return False
    module = rust.enclosing(use.node, "mod_item")
    while module is not None and module.start_byte > holder.start_byte:
        if "super::*" not in file.text_of(module):
            return False
        module = rust.enclosing(module, "mod_item")
    return True


def _segment(use: PathUse, from_end: int) -> Node:
    """Give the node of a segment of a path, counted from its last one; the whole path when it is not found."""
    nodes = _segments(use.node) if use.in_use or use.node.child_count else list(_tokens_before(use.node))[::-1]
    around = use.node.parent
    while use.in_use and around is not None and around.type not in _DECLARATIONS:
        path = around.child_by_field_name("path") if around.type == "scoped_use_list" else None
        nodes = [*(_segments(path) if path is not None else []), *nodes]
        around = around.parent
    return nodes[-1 - from_end] if from_end < len(nodes) else use.node


def _segments(node: Node) -> list[Node]:
    if node.type in {"use_as_clause", "scoped_identifier", "scoped_type_identifier", "generic_type"}:
        path = node.child_by_field_name("path") or node.child_by_field_name("type")
        name = node.child_by_field_name("name")
        return [*(_segments(path) if path is not None else []), *([name] if name is not None else [])]
    if node.type == "use_wildcard":
        return [part for child in node.named_children for part in _segments(child)]
    if node.type == "self" and node.parent is not None and node.parent.type == "use_list":
        return []
    return [node]


def _tokens_before(last: Node) -> Iterator[Node]:
    """Give the segments of a path in a macro's tokens, from its end."""
    node: Node | None = last
    while node is not None:
        yield node
        colons = node.prev_sibling
        node = colons.prev_sibling if colons is not None and colons.type == "::" else None
