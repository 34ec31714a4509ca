"""Logic that also runs on a CPU is not covered by tests alone that need a GPU."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.target import globs
from pytest_mens.views import bindings, calls, cargo, cfg, liveness, modules, rust, scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.calls import Definition
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.modules import Placement
    from pytest_mens.views.rust import RustFile

_HELPER_DEPTH = 3


@dataclass(frozen=True)
class Params:
    """What needs hardware.

    `libraries` and `exclude` (globs of real package names) choose the packages: those that depend on a library, and
    those that depend on these. `gpu_backends` and `cpu_backends` are type names, `gpu_devices` calls that open a
    device, `cpu_devices` texts of a fallback. `hardware_features` are globs of `package/feature` that a feature
    forwards to, `extra_features` features that count by name. `ignore_words` stand in the reason of an `#[ignore]`,
    `probes` is a regex of conditions on a device, `variables` one of environment variables; every match of either
    holds one of the texts `narrow`. `depth` is the length of the longest chain of calls through which a test covers
    a function.
    """

    libraries: tuple[str, ...]
    exclude: tuple[str, ...]
    gpu_backends: tuple[str, ...]
    cpu_backends: tuple[str, ...]
    gpu_devices: tuple[str, ...]
    cpu_devices: tuple[str, ...]
    hardware_features: tuple[str, ...]
    extra_features: tuple[str, ...]
    ignore_words: tuple[str, ...]
    probes: str
    variables: str
    narrow: tuple[str, ...]
    depth: int


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Find the tests that need hardware, and report what only they call."""
    code = _Code(target, params)
    tests = list(code.hardware_tests())
    if not tests:
        raise SubjectMissingError("no test needs a GPU")
    seen: set[tuple[str, int]] = set()
    for test, why in tests:
        for subject in code.subjects(test):
            if subject.key not in seen:
                seen.add(subject.key)
                if not code.is_covered(subject):
                    yield _finding(test, why, subject)


def _finding(test: Definition, why: str, subject: Definition) -> Finding:
    file, name = test.function.file, _name_node(test)
    return Finding(
        file.path,
        f"`{subject.label}` also runs on a CPU, but is tested only on a GPU: `{test.function.name}` {why}",
        *file.position(name),
        end=file.end_position(name),
        help="test it on a CPU backend or device too",
        related=(
            Related(
                subject.function.file.path,
                *subject.function.file.position(_name_node(subject)),
                f"`{subject.label}` needs no GPU",
            ),
        ),
    )


def _name_node(definition: Definition) -> Node:
    return definition.function.node.child_by_field_name("name") or definition.function.node


class _Code:
    """The packages that are looked at, their hardware features, tests and calls."""

    def __init__(self, target: Target, params: Params) -> None:
        self.target = target
        self.params = params
        users = scope.users(target, params.libraries, params.exclude)
        names = {package.name for package in users}
        around = [
            package
            for package in cargo.workspace(target).packages.values()
            if package.name in names or any(dependency.package in names for dependency in package.dependencies)
        ]
        self.users = {package.root for package in users}
        self.graph = calls.Graph(target, around)
        self.features: dict[str, frozenset[str]] = {}
        self.reasons: dict[tuple[str, int], str] = {}
        self.of_tests: dict[str, dict[str, Definition]] = {}

    # --- features

    def hardware_features(self, package: Package) -> frozenset[str]:
        """Give the features of a package that forward to hardware, also through other members (memoised)."""
        if package.name not in self.features:
            self.features[package.name] = frozenset()
            self.features[package.name] = frozenset(
                feature
                for feature in package.features
                if feature in self.params.extra_features
                or any(self.is_hardware(package, value) for value in cargo.close_features(package, [feature]))
            )
        return self.features[package.name]

    def is_hardware(self, package: Package, value: str) -> bool:
        name, slash, feature = value.partition("/")
        if not slash:
            return value in self.params.extra_features
        dependency = next((d for d in package.dependencies if d.name == name.removesuffix("?")), None)
        real = name.removesuffix("?") if dependency is None else dependency.package
        member = cargo.workspace(self.target).packages.get(real)
        if member is not None and feature in self.hardware_features(member):
            return True
        return any(fnmatchcase(f"{real}/{feature}", glob) for glob in self.params.hardware_features)

    def without_hardware(self, package: Package, predicate: cfg.Predicate) -> cfg.Predicate:
        hardware = self.hardware_features(package)

        def known(atom: cfg.Atom) -> bool | None:
            return False if atom.name == "feature" and atom.value in hardware else None

        return cfg.assume(predicate, known)

    def exists_without_hardware(self, definition: Definition) -> bool:
        """Tell whether some configuration without hardware features compiles a function."""
        return any(
            cfg.satisfiable(self.without_hardware(place.package, self.condition(place, definition)))
            and not set(place.target.required_features) & self.hardware_features(place.package)
            for place in self.places(definition)
        )

    def places(self, definition: Definition) -> tuple[Placement, ...]:
        return modules.placements(self.target, definition.function.file.path)

    def condition(self, place: Placement, definition: Definition) -> cfg.Predicate:
        return scope.condition(place, definition.function.file, definition.function.node)

    # --- tests that need hardware

    def hardware_tests(self) -> Iterator[tuple[Definition, str]]:
        """Give the live tests that need hardware, with the reason."""
        for path in self.candidates:
            file = liveness.whole_file(self.target, path)
            for definition in self.graph.in_file(path):
                if self.is_test(definition) and self.is_live(definition):
                    file.require_parsed(definition.function.node)
                    why = self.needs_hardware(definition)
                    if why:
                        yield definition, why

    @cached_property
    def quoted(self) -> tuple[str, ...]:
        """Give the hardware features as a cfg names them."""
        names = {name for package in self.graph.packages.values() for name in self.hardware_features(package)}
        return tuple(f'"{name}"' for name in sorted(names))

    @cached_property
    def tested(self) -> list[str]:
        """Give the files that may hold a test, by their bytes."""
        return self.target.containing([b"test]", b"test(", b"#[test"], self.graph.sources)

    @cached_property
    def candidates(self) -> list[str]:
        """Give the files in which a test may need hardware, by their bytes."""
        words = [*self.params.gpu_backends, *self.params.gpu_devices, *self.aliases]
        wanted = _needles([*words, "ignore", *self.quoted, *self.params.narrow])
        told = _Told(self.params, words, self.quoted)
        found = {path for path in self.target.containing(wanted, self.tested) if told(self.target.data(path))}
        return sorted({*found, *self.gated_files()})

    def gated_files(self) -> Iterator[str]:
        """Give the files of targets and modules that exist only with a hardware feature."""
        for package in self.graph.packages.values():
            hardware = self.hardware_features(package)
            for cargo_target in package.targets if hardware else ():
                if set(cargo_target.required_features) & hardware:
                    yield from (place.file for place in modules.files_of(self.target, package, cargo_target))
            if hardware and self.gates_module(package, hardware):
                for cargo_target in package.targets:
                    for place in modules.files_of(self.target, package, cargo_target):
                        if not cfg.satisfiable(self.without_hardware(package, place.cfg)):
                            yield place.file

    def gates_module(self, package: Package, hardware: frozenset[str]) -> bool:
        """Tell whether a `mod x;` of a package stands under a cfg that only a hardware feature satisfies."""
        needles = [f'"{name}"'.encode() for name in sorted(hardware)]
        for path in self.target.containing(needles, globs.below(self.graph.sources, package.root)):
            file = rust.file(self.target, path)
            for item in rust.find(file, "mod_item"):
                gated = not cfg.satisfiable(self.without_hardware(package, rust.local_cfg(file, item)))
                if gated and item.child_by_field_name("body") is None:
                    return True
        return False

    @staticmethod
    def is_test(definition: Definition) -> bool:
        return rust.is_test(definition.function.file, definition.function.node)

    def is_live(self, definition: Definition) -> bool:
        """Tell whether some configuration compiles a test."""
        return any(cfg.satisfiable(self.condition(place, definition)) for place in self.places(definition))

    def needs_hardware(self, definition: Definition) -> str:
        """Say why a test needs hardware, or nothing (memoised)."""
        if definition.key not in self.reasons:
            self.reasons[definition.key] = self.reason(definition)
        return self.reasons[definition.key]

    def reason(self, definition: Definition) -> str:
        if not self.exists_without_hardware(definition):
            return "exists only with a hardware feature"
        ignored = self.ignored(definition)
        if ignored and _has_word(ignored, self.params.ignore_words):
            return f"is ignored: {ignored!r}"
        bodies = [definition, *self.helpers(definition)]
        backend = self.backend(definition, bodies)
        if backend:
            return f"runs on `{backend}`"
        for body in bodies:
            device = self.device(body.function.file, body.function.node)
            if device:
                return f"opens a device by `{device}`"
        guard = next((text for body in bodies if (text := self.returns_early(body))), "")
        return f"returns early on `{guard}`" if guard else ""

    def ignored(self, definition: Definition) -> str | None:
        """Give the reason of an unconditional `#[ignore]`, "" when it has none, None when the test is not ignored."""
        for attribute in rust.attributes(definition.function.file, definition.function.node):
            if attribute.path == "ignore":
                return attribute.value or ""
        return None

    def helpers(self, definition: Definition) -> list[Definition]:
        """Give the functions of the same file, tests' own and no production code, that a test calls."""
        local = self.test_functions(definition.function.file.path)
        found: dict[str, Definition] = {}
        pending = [definition]
        for _ in range(_HELPER_DEPTH):
            called = {call.name for current in pending for call in self.graph.body(current).calls}
            pending = [local[name] for name in sorted(called & local.keys()) if name not in found]
            found.update({helper.function.name: helper for helper in pending})
        return list(found.values())

    def test_functions(self, path: str) -> dict[str, Definition]:
        """Give the functions of a file that are tests' own and no tests, by name (memoised)."""
        if path not in self.of_tests:
            self.of_tests[path] = {
                found.function.name: found
                for found in self.graph.in_file(path)
                if not self.is_test(found)
                and liveness.is_test_code(self.target, found.function.file, found.function.node)
            }
        return self.of_tests[path]

    def backend(self, test: Definition, bodies: list[Definition]) -> str:
        """Give the GPU backend that a test uses and no CPU backend beside it."""
        used: set[str] = set()
        for body in bodies:
            used |= _types_used(body.function.file, body.function.node)
            seen = self.target.file_view(_aliases, body.function.file.path)
            for alias in seen:
                if alias.name in used and _sees(body.function.node, alias.node):
                    used |= alias.types
        gpu = used & set(self.params.gpu_backends)
        if gpu:
            return "" if used & set(self.params.cpu_backends) else min(gpu)
        for name in sorted(used & self.aliases.keys()):
            if not used & set(self.params.cpu_backends) and self.alias_needs_hardware(name, test):
                return name
        return ""

    @cached_property
    def aliases(self) -> dict[str, list[tuple[Package, cfg.Predicate, bool]]]:
        """Give the public backend aliases of the packages: name, then package, cfg, and whether it means a GPU."""
        backends = {*self.params.gpu_backends, *self.params.cpu_backends}
        found: dict[str, list[tuple[Package, cfg.Predicate, bool]]] = {}
        naming = self.target.containing([b"pub type "], self.graph.sources)
        marks = _needles([*self.params.gpu_backends, *self.params.gpu_devices, *self.quoted])
        for path in self.target.containing(marks, naming):
            file, package = rust.file(self.target, path), self.graph.package_of(path)
            for item in rust.find(file, "type_item"):
                name, value = item.child_by_field_name("name"), item.child_by_field_name("type")
                used = _types_used(file, value) & backends if value is not None else set()
                if name is not None and package is not None and used and rust.enclosing(item, "block") is None:
                    gpu = bool(used & set(self.params.gpu_backends))
                    found.setdefault(file.text_of(name), []).append((package, rust.local_cfg(file, item), gpu))
        return {name: options for name, options in found.items() if any(gpu for _, _, gpu in options)}

    def alias_needs_hardware(self, name: str, test: Definition) -> bool:
        """Tell whether an alias can only mean a GPU backend where the test exists."""
        for package, predicate, gpu in self.aliases[name]:
            if gpu:
                continue
            if package.root != test.package.root:
                return False  # the features of another package are not the test's to choose
            if any(cfg.satisfiable(cfg.conjoin((self.condition(p, test), predicate))) for p in self.places(test)):
                return False
        return True

    def device(self, file: RustFile, node: Node) -> str:
        """Give a call that opens a GPU without falling back to the CPU."""
        for call in rust.calls(file, node):
            if call.name not in self.params.gpu_devices:
                continue
            statement = _whole_statement(call.node)
            if not any(device in file.text_of(statement) for device in self.params.cpu_devices):
                return call.name
        return ""

    def returns_early(self, definition: Definition) -> str:
        """Give the condition on a device or variable under which a test returns before doing anything."""
        file, body = definition.function.file, definition.function.body
        for node in [] if body is None else body.named_children:
            inner = node.named_children[0] if node.type == "expression_statement" and node.named_children else node
            leaves = inner.child_by_field_name("consequence" if inner.type == "if_expression" else "alternative")
            tested = inner.child_by_field_name("condition") or inner.child_by_field_name("value")
            if leaves is None or tested is None or not any(rust.walk(leaves, "return_expression")):
                continue
            text = " ".join(file.text_of(tested).split())
            spelt = " ".join((text, *self.behind(definition, tested)))
            if re.search(self.params.probes, spelt) or re.search(self.params.variables, spelt):
                return text
        return ""

    def behind(self, definition: Definition, condition: Node) -> Iterator[str]:
        """Give the text of what a condition names: variables of the function, constants and helpers of its file."""
        file, body = definition.function.file, definition.function.body
        bindings = [*rust.walk(body or condition, "let_declaration"), *rust.find(file, "const_item", "static_item")]
        bodies = {helper.function.name: helper.function.body for helper in self.helpers(definition)}
        named = {
            file.text_of(bound): node.child_by_field_name("value")
            for node in bindings
            if (bound := node.child_by_field_name("pattern") or node.child_by_field_name("name")) is not None
        }
        pending, seen = [condition], {""}
        while pending:
            names = {file.text_of(node) for node in rust.walk(pending.pop(), "identifier")} - seen
            seen |= names
            for value in (known.get(name) for name in sorted(names) for known in (named, bodies)):
                if value is not None:
                    yield file.text_of(value)
                    pending.append(value)

    # --- coverage

    def subjects(self, test: Definition) -> Iterator[Definition]:
        """Give the production functions that a test calls, itself or through helpers, and that a CPU could run."""
        for body in (test, *self.helpers(test)):
            callees = self.graph.callees(body)
            of_hardware = {callee.label for callee in callees if not self.exists_without_hardware(callee)}
            for callee in callees:
                known = callee.package.root in self.users and callee.label not in of_hardware
                if known and self.runs_on_cpu(callee) and self.coexist(test, callee):
                    yield callee

    def coexist(self, test: Definition, callee: Definition) -> bool:
        """Tell whether a build has both; a stand-in for builds without the hardware is not what a test calls."""
        if test.package.root != callee.package.root:
            return True
        return any(
            cfg.satisfiable(cfg.conjoin((self.condition(mine, test), self.condition(its, callee))))
            for mine in self.places(test)
            for its in self.places(callee)
        )

    def runs_on_cpu(self, definition: Definition) -> bool:
        file, node = definition.function.file, definition.function.node
        if definition.function.name in self.params.gpu_devices:
            return False
        if not self.exists_without_hardware(definition) or self.device(file, node):
            return False
        return not self.backend(definition, [definition])

    def is_covered(self, subject: Definition) -> bool:
        """Tell whether a live CPU test reaches a function."""
        pending, seen = [subject], {subject.key}
        for _ in range(self.params.depth):
            further: list[Definition] = []
            for callee in pending:
                callers = [caller for caller in self.graph.callers(callee) if caller.key not in seen]
                if any(self.covers(caller) for caller in callers):
                    return True
                seen.update(caller.key for caller in callers)
                further.extend(caller for caller in callers if not self.is_test(caller))
            pending = further
        return False

    def covers(self, caller: Definition) -> bool:
        """Tell whether a caller is a live CPU test, or a helper of one."""
        if self.is_test(caller):
            return self.is_live(caller) and self.ignored(caller) is None and not self.needs_hardware(caller)
        if not liveness.is_test_code(self.target, caller.function.file, caller.function.node):
            return False
        if _given_to_macro(caller):
            return True  # which makes tests of it, for a CPU as far as one can tell
        tests = [found for found in self.graph.in_file(caller.function.file.path) if self.is_test(found)]
        return any(self.covers(test) for test in tests if caller.key in {helper.key for helper in self.helpers(test)})


# --- syntax ---------------------------------------------------------------------------------------------------------


def _whole_statement(node: Node) -> Node:
    """Give the statement around an expression; of one that ends a branch, that of the whole `if` or `match`."""
    while node.parent is not None and node.parent.type != "declaration_list":
        around = node.parent
        if around.type == "block":
            is_branch = around.parent is not None and around.parent.type in (
                "if_expression",
                "else_clause",
                "match_arm",
            )
            if not is_branch or around.named_children[-1] != node:
                return node
        node = around
    return node


def _given_to_macro(definition: Definition) -> bool:
    """Tell whether a macro among the items of the file names a function, as in `on_every_device!(rounds, ..)`."""
    file = definition.function.file
    return any(
        definition.function.name in bindings.macro_names(file, item)
        for item in rust.find(file, "macro_invocation")
        if rust.enclosing(item, "function_item") is None
    )


class _Told:
    """Tells whether the bytes of a file give a reason for which a test needs hardware.

    Every pattern but the rare ones begins with plain text, which makes the search quick.
    """

    def __init__(self, params: Params, words: Sequence[str], features: Sequence[str]) -> None:
        self.words = [(word.encode(), re.compile(rf"\b{re.escape(word)}\b".encode())) for word in words]
        reasons = "|".join(map(re.escape, params.ignore_words))
        names = "|".join(map(re.escape, features)) or "(?!)"
        self.attributes = [
            re.compile(rf"ignore\s*=\s*\"[^\"]*(?i:{reasons})".encode()),
            re.compile(rf"feature\s*=\s*(?:{names})".encode()),
        ]
        self.narrow = [text.encode() for text in params.narrow]
        self.rare = re.compile(rf"(?:{params.probes})|\"{params.variables}\"".encode())

    def __call__(self, data: bytes) -> bool:
        """Search one file."""
        return (
            any(word in data and pattern.search(data) for word, pattern in self.words)
            or any(pattern.search(data) for pattern in self.attributes)
            or (any(text in data for text in self.narrow) and self.rare.search(data) is not None)
        )


def _needles(words: list[str]) -> list[bytes]:
    """Give the words of which no other is a part, for a search by bytes."""
    return [word.encode() for word in sorted(set(words)) if not any(o != word and o in word for o in words)]


def _has_word(text: str, words: tuple[str, ...]) -> bool:
    return any(re.search(rf"(?<![A-Za-z]){re.escape(word)}", text, re.IGNORECASE) for word in words)


@dataclass(frozen=True)
class _Alias:
    """A name that a file gives to types: `type B = Wgpu`, `use .. as B`."""

    name: str
    node: Node
    types: frozenset[str]


def _aliases(target: Target, path: str) -> tuple[_Alias, ...]:
    file = rust.file(target, path)
    found = []
    for item in rust.find(file, "type_item"):
        name, value = item.child_by_field_name("name"), item.child_by_field_name("type")
        if name is not None and value is not None:
            found.append(_Alias(file.text_of(name), item, frozenset(_types_used(file, value))))
    if b" as " in file.source:
        uses = [use for use in rust.paths(file) if use.in_use and use.alias]
        found.extend(_Alias(str(use.alias), use.node, frozenset(use.segments[-1:])) for use in uses)
    return tuple(found)


def _sees(function: Node, item: Node) -> bool:
    """Tell whether an item stands in a function, or in a module or block around it."""
    around = rust.enclosing(item, "block", "declaration_list", "source_file")
    if around is None:
        return False
    inside = function.start_byte <= around.start_byte and around.end_byte <= function.end_byte
    return inside or (around.start_byte <= function.start_byte and function.end_byte <= around.end_byte)


def _types_used(file: RustFile, node: Node) -> set[str]:
    """Give the names used as types in `node`; a variant (`Kind::Cuda`) is none."""
    found = set()
    for inner in rust.walk(node, "type_identifier", "identifier"):
        parent = inner.parent
        if parent is None:
            continue
        qualified = parent.type in ("scoped_identifier", "scoped_type_identifier")
        if qualified and parent.child_by_field_name("name") == inner:
            before = parent.child_by_field_name("path")
            last = "" if before is None else file.text_of(before).rpartition("::")[2]
            if last[:1].isupper() or inner.type == "identifier":
                continue
        elif inner.type == "identifier":
            following = inner.next_sibling
            is_path = qualified or (parent.type == "token_tree" and following is not None and following.type == "::")
            before_token = inner.prev_sibling if parent.type == "token_tree" else None
            in_generics = before_token is not None and before_token.type == "<"
            if not (is_path or in_generics):
                continue
        found.add(file.text_of(inner))
    return found
