"""No file hides behind a double extension or a Windows spelling what a command rejects, and its guards are tested."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.target import globs
from pytest_mens.views import cargo, cfg, commands, dominance, liveness, modules, path_tests, pathnames, rust, tests
from pytest_mens.views.commands import CiLayout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.rust import Function, RustFile
    from pytest_mens.views.tests import Test

_HELPER_DEPTH = 3
_NAMESAKES = 5
"""Files that may declare a function of one name; of a more common name the callers cannot be told."""
_DECLARED = re.compile(rb"fn\s+(?:r#)?([^\s(<]+)")
_REJECTED = dominance.place_atom("rejected")


@dataclass(frozen=True)
class Params:
    """`stem` is a regex for the beginning of file names, `extension` what must not follow.

    Entry points call one of `sinks` with a path whose name holds one of `subjects`; guards use `symbol`, or test such
    a path for `extension`. `edge_cases` maps a kind of path that tests should try to a regex of such paths.
    """

    stem: str
    extension: str
    symbol: str
    sinks: tuple[str, ...]
    subjects: tuple[str, ...]
    edge_cases: dict[str, str]
    ci: CiLayout
    asserting: tuple[str, ...] = ("assert", "ensure")
    diverging: tuple[str, ...] = ("panic", "unreachable", "unimplemented", "todo", "bail")


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge the names of all files, then the entry points and guards, then the tests of the guards."""
    hidden = list(_hidden(target, params))
    code = _Code(target, params)
    if not hidden and not code.guards and not code.entries:
        raise SubjectMissingError(
            f"no file matches {params.stem} with the extension {params.extension}, "
            f"and no function guards with {params.symbol} or calls {', '.join(params.sinks)}"
        )
    yield from hidden
    yield from code.unguarded()
    old = None if target.base is None else _Code(target.base, params)
    found = [finding for guard in code.guards for finding in (*_unsound(guard, params), *_untested(code, guard, old))]
    yield from dict.fromkeys(found)  # guards that ask one helper share its findings


# --- file names -----------------------------------------------------------------------------------------------------


def _hidden(target: Target, params: Params) -> Iterator[Finding]:
    stem = re.compile(params.stem, re.IGNORECASE)
    extension = params.extension.casefold()
    for path in target.paths:
        if f".{extension}" not in path.casefold():
            continue
        name = pathnames.windows(path)
        if stem.match(name.stem) and extension in name.extensions:
            yield Finding(
                path,
                f"{path!r} is a `.{extension}` file of the `{name.stem}` family, however its name ends",
                help=f"remove it or name it without a `.{extension}` segment: extensions in any order, case, trailing "
                "dots and spaces and streams do not change what it is",
            )


# --- guards and entry points ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Test:
    """An expression that tests a path for the extension. `literal` is where the extension stands."""

    file: RustFile
    node: Node
    literal: Node
    fault: str = ""


@dataclass
class _Guard:
    """A function that rejects by extension. `tests` are its own or those of the helpers it asks."""

    function: Function
    tests: list[_Test]
    helpers: list[Function] = field(default_factory=list)

    @property
    def label(self) -> str:
        asked = self.helpers[0] if self.helpers else self.function
        return f"{asked.owner}::{asked.name}" if asked.owner else asked.name

    @property
    def text(self) -> str:
        """Give the tests without white space and comments, whatever their variables are called."""
        return " | ".join(_tokens(test.file, test.node) for test in self.tests)


class _Code:
    """The production functions that guard or reach the command, read from one target."""

    def __init__(self, target: Target, params: Params) -> None:
        self.target = target
        self.params = params
        self.found: dict[str, list[Function]] = {}
        self.called_by: dict[str, list[Function]] = {}
        self.tested: dict[tuple[str, int, bool], list[_Test]] = {}
        self.constant: dict[str, dict[str, str]] = {}
        self.sources = target.glob("*.rs")
        subjects = [name.encode() for name in (params.symbol, *params.sinks)]
        comparing = [f'{params.extension}"'.encode()]
        narrowed = target.containing([*subjects, *comparing], self.sources)
        self.comparing = target.containing(comparing, narrowed)
        self.files = [liveness.whole_file(target, path) for path in target.containing(subjects, narrowed)]
        self.guards: list[_Guard] = []
        self.entries: list[Function] = []
        for file in self.files:
            for function in rust.functions(file):
                if function.body is not None and function.name not in params.sinks:
                    self.read(function)

    def read(self, function: Function) -> None:
        body = function.body or function.node
        text = function.file.source[body.start_byte : body.end_byte]
        sinks = self.sinks(function.file)
        reaches = any(sink.encode() in text for sink in sinks) and any(
            call.name in sinks for call in rust.calls(function.file, body)
        )
        speaks = self.params.symbol.encode() in text and self.uses_symbol(function)
        if not (reaches or speaks) or not liveness.is_production(self.target, function.file, function.node):
            return
        tested = self.path_tests(function, subject_only=not speaks)
        helpers = [] if tested else self.asked(function)
        for helper in helpers:
            tested.extend(self.path_tests(helper, subject_only=False))
        if not tested and speaks:
            names = path_tests.derived(function, self.params.subjects)
            literals = self.wanted_extensions(function, function.file, function.body or function.node, names)
            tested = [_Test(function.file, node, literal, "") for node, literal in literals]
        if tested:
            self.guards.append(_Guard(function, tested, helpers))
        if reaches:
            self.entries.append(function)
            self.guards.extend(self.called_guards(function))

    def sinks(self, file: RustFile) -> tuple[str, ...]:
        """Give the names by which a file calls what does the work."""
        renamed = _renamed(file)
        return (*self.params.sinks, *(name for name, meant in renamed.items() if meant in self.params.sinks))

    def called_guards(self, function: Function) -> Iterator[_Guard]:
        """Give helpers that reject on their own and stand in files that do not name the symbol."""
        known = {guard.function.node.id for guard in self.guards} | {
            helper.node.id for guard in self.guards for helper in guard.helpers
        }
        for helper in self.asked(function):
            if helper.node.id in known or any(helper.file is file for file in self.files):
                continue
            tested = self.path_tests(helper, subject_only=False)
            if tested:
                yield _Guard(helper, tested)

    def uses_symbol(self, function: Function) -> bool:
        body = function.body or function.node
        for node in rust.walk(body, "identifier", "string_content"):
            text = function.file.text_of(node)
            if text == self.params.symbol or (node.type == "string_content" and f"{{{self.params.symbol}" in text):
                return True
        return False

    def asked(self, function: Function) -> list[Function]:
        """Give the functions that `function` calls with the path and that test it."""
        names = path_tests.derived(function, self.params.subjects)
        found = []
        for call in rust.calls(function.file, function.body):
            handed = any(path_tests.mentions(function.file, node, names) for group in call.arguments for node in group)
            if handed and call.name not in self.sinks(function.file):
                helper = self.named(_meant(function.file, call.name), call.callee)
                if helper is not None and helper.node != function.node and self.rejects_or_tells(helper):
                    found.append(helper)
        return found

    def rejects_or_tells(self, helper: Function) -> bool:
        return bool(self.path_tests(helper, subject_only=False))

    def named(self, name: str, callee: str) -> Function | None:
        """Give the one function that a call means: by name, and by module when several share it."""
        if not name or not re.fullmatch(r"\w+", name):
            return None
        if name not in self.found:
            self.found[name] = [
                function
                for path in self.declaring.get(name, ())
                for function in rust.functions(rust.file(self.target, path))
                if function.name == name
                and function.body is not None
                and liveness.is_production(self.target, function.file, function.node)
            ]
        found = self.found[name]
        module = callee.rpartition("::")[0].rpartition("::")[2]
        if len(found) > 1 and module:
            found = [f for f in found if module in (f.owner, modules.named_by(f.file.path))]
        return found[0] if len(found) == 1 else None

    @cached_property
    def declaring(self) -> dict[str, list[str]]:
        """The files that compare an extension, by the names of the functions that they may declare."""
        found: dict[str, list[str]] = {}
        for path in self.comparing:
            for name in {*_DECLARED.findall(self.target.data(path))}:
                found.setdefault(name.decode("utf-8", "replace"), []).append(path)
        return found

    def path_tests(self, function: Function, *, subject_only: bool) -> list[_Test]:
        """Give the expressions of a function that test a path for the extension (memoised)."""
        key = (function.file.path, function.node.start_byte, subject_only)
        if key not in self.tested:
            self.tested[key] = self.read_tests(function, subject_only=subject_only)
        return list(self.tested[key])

    def read_tests(self, function: Function, *, subject_only: bool) -> list[_Test]:
        names = path_tests.derived(function, self.params.subjects)
        if not names and not subject_only:
            names = path_tests.closed(function, set(path_tests.parameters(function)))
        found = []
        for literal, value in self.spellings(function.file, function.body or function.node):
            node = path_tests.comparison(function.file, literal)
            if node is not None and path_tests.mentions(function.file, node, names):
                found.append(_Test(function.file, node, literal, path_tests.fault(function, node, literal, value)))
        return found

    def wanted_extensions(
        self, function: Function, file: RustFile, within: Node, names: set[str]
    ) -> Iterator[tuple[Node, Node]]:
        """Give the comparisons of the path's extension with one that is welcome, and the literals of these."""
        for literal in rust.strings(file, within):
            compared = None if self.is_extension(literal.value) else path_tests.comparison(file, literal.node)
            while compared is not None and compared.type in ("unary_expression", "parenthesized_expression"):
                compared = compared.named_children[-1]
            if compared is not None and path_tests.gives_extension(function, file, compared, names):
                yield compared, literal.node

    # --- entry points

    def unguarded(self) -> Iterator[Finding]:
        """Yield the entry points that reach the command without a guard."""
        for function in self.entries:
            if not path_tests.derived(function, self.params.subjects) or self.is_guarded(function, set()):
                continue
            file, name = function.file, function.node.child_by_field_name("name") or function.node
            yield Finding(
                file.path,
                f"`{function.name}` reaches `{self.sink_of(function)}` without rejecting a "
                f"`.{self.params.extension}` path first",
                *file.position(name),
                end=file.end_position(name),
                help=f"compare the extension without regard to case and stop with {self.params.symbol}",
            )

    def sink_of(self, function: Function) -> str:
        names = [_meant(function.file, call.name) for call in rust.calls(function.file, function.body)]
        return next((name for name in names if name in self.params.sinks), self.params.sinks[0])

    def is_guarded(self, function: Function, open_functions: set[int]) -> bool:
        """Tell whether every call of a sink is dominated by a guard, here or in all production callers."""
        if all(cfg.implies(holds, cfg.Not(_REJECTED)) for holds in self.states(function, self.params.sinks)):
            return True
        if function.node.id in open_functions or len(open_functions) >= _HELPER_DEPTH:
            return False
        callers = self.callers(function)
        return bool(callers) and all(
            all(cfg.implies(holds, cfg.Not(_REJECTED)) for holds in self.states(caller, (function.name,)))
            or self.is_guarded(caller, {*open_functions, function.node.id})
            for caller in callers
        )

    def states(self, function: Function, called: tuple[str, ...]) -> list[cfg.Predicate]:
        """Give what holds where `function` calls one of `called`; at its end when the calls are out of sight."""
        walk = self.walk(function)
        found = []
        for point in walk.calls:
            callee = point.node.child_by_field_name("function")
            text = "" if callee is None else function.file.text_of(callee)
            if _meant(function.file, re.split(r"::|\.", text.partition("::<")[0])[-1].strip()) in called:
                found.append(point.holds)
        return found or [leaving.holds for leaving in walk.exits] or [cfg.TRUE]

    def walk(self, function: Function) -> dominance.Walk:
        names = path_tests.derived(function, self.params.subjects)
        if not names:
            names = path_tests.closed(function, set(path_tests.parameters(function)))
        return dominance.walk_function(
            function,
            (),
            lambda _place: False,
            dominance.Guards(self.params.asserting, self.params.diverging),
            after_call=lambda node, name, _place: self.proven(function, node, name, names),
            condition=lambda file, node, pattern: self.condition(function, file, node, pattern, names),
        )

    def proven(self, function: Function, node: Node, name: str, names: set[str]) -> cfg.Predicate:
        """Give what the return of a helper that rejects the path proves, when its error is passed on."""
        if name in self.sinks(function.file) or not path_tests.mentions(function.file, node, names):
            return cfg.TRUE
        callee = node.child_by_field_name("function")
        helper = self.named(_meant(function.file, name), "" if callee is None else function.file.text_of(callee))
        if helper is None or helper.node == function.node or not self.path_tests(helper, subject_only=False):
            return cfg.TRUE
        result = helper.node.child_by_field_name("return_type")
        if result is not None and not dominance.is_passed_on(function.file, node):
            return cfg.TRUE
        walk = self.walk(helper)
        exits = [leaving.holds for leaving in walk.exits if not _is_error(helper.file, leaving)]
        sound = exits and all(cfg.implies(holds, cfg.Not(_REJECTED)) for holds in exits)
        return cfg.Not(_REJECTED) if sound else cfg.TRUE

    def condition(  # noqa: PLR0911 - one way out a kind of condition
        self, function: Function, file: RustFile, node: Node, pattern: Node | None, names: set[str]
    ) -> dominance.Facts | None:
        """Read a condition that tells whether the path has the extension."""
        rejected = dominance.Facts(_REJECTED, cfg.Not(_REJECTED))
        if pattern is not None:
            text = file.text_of(pattern)
            if self.has_literal(file, pattern) and path_tests.mentions(file, node, names):
                return rejected
            if text.startswith("Err") and self.asks_helper(function, file, node, names):
                return rejected
            if text.startswith("Some(") and path_tests.gives_extension(function, file, node, names):
                if any(True for _ in rust.strings(file, pattern)):
                    return dominance.Facts(cfg.Not(_REJECTED), cfg.TRUE)  # another extension, and welcome
                return dominance.Facts(cfg.TRUE, cfg.Not(_REJECTED))  # no extension is not the rejected one
            return None
        if node.type not in ("call_expression", "binary_expression", "macro_invocation"):
            return None
        if node.type == "binary_expression" and path_tests.operator(file, node) in ("&&", "||", "&", "|"):
            return None
        if not path_tests.mentions(file, node, names):
            return None
        if not self.has_literal(file, node):
            return self.condition_without_literal(function, file, node, names)
        return rejected.swapped() if path_tests.is_negative(file, node) else rejected

    def condition_without_literal(
        self, function: Function, file: RustFile, node: Node, names: set[str]
    ) -> dominance.Facts | None:
        """Read a condition that does not name the extension: it names one that is welcome, or asks a helper."""
        if any(compared == node for compared, _ in self.wanted_extensions(function, file, node, names)):
            welcome = dominance.Facts(cfg.Not(_REJECTED), cfg.TRUE)
            return welcome.swapped() if path_tests.is_negative(file, node) else welcome
        told = self.asks_helper(function, file, node, names) and (
            self.told_by(function, file, node) or file.text_of(node).rstrip().endswith(".is_err()")
        )
        return dominance.Facts(_REJECTED, cfg.Not(_REJECTED)) if told else None

    def asks_helper(self, function: Function, file: RustFile, node: Node, names: set[str]) -> bool:
        for call in rust.calls(file, node):
            handed = any(path_tests.mentions(file, inner, names) for group in call.arguments for inner in group)
            helper = self.named(_meant(file, call.name), call.callee) if handed else None
            if helper is not None and helper.node != function.node and self.path_tests(helper, subject_only=False):
                return True
        return False

    def told_by(self, function: Function, file: RustFile, node: Node) -> bool:
        """Tell whether the helper that is asked answers with a bool."""
        for call in rust.calls(file, node):
            helper = self.named(_meant(file, call.name), call.callee)
            result = None if helper is None else helper.node.child_by_field_name("return_type")
            if helper is not None and result is not None and helper.node != function.node:
                return helper.file.text_of(result) == "bool"
        return False

    def has_literal(self, file: RustFile, node: Node) -> bool:
        return any(True for _ in self.spellings(file, node))

    def spellings(self, file: RustFile, node: Node) -> Iterator[tuple[Node, str]]:
        """Give the literals of the extension in `node`, and the names of constants that hold one."""
        constants = self.constants(file)
        for inner in rust.walk(node, "string_literal", "raw_string_literal", "identifier"):
            if inner.type != "identifier":
                value = rust.string(file, inner).value
                if self.is_extension(value):
                    yield inner, value
            elif constants and file.text_of(inner) in constants:
                yield inner, constants[file.text_of(inner)]

    def constants(self, file: RustFile) -> dict[str, str]:
        """Give the constants of a file that hold the extension (memoised)."""
        if file.path not in self.constant:
            found = self.constant[file.path] = {}
            for item in rust.walk(file.root, "const_item", "static_item"):
                name, value = item.child_by_field_name("name"), item.child_by_field_name("value")
                if name is not None and value is not None and value.type in ("string_literal", "raw_string_literal"):
                    text = rust.string(file, value).value
                    if self.is_extension(text):
                        found[file.text_of(name)] = text
        return self.constant[file.path]

    def is_extension(self, text: str) -> bool:
        return text.casefold().lstrip(".") == self.params.extension.casefold()

    def callers(self, function: Function) -> list[Function]:
        """Give the production functions that call `function`, when its name is its own (memoised)."""
        if function.name not in self.called_by:
            self.called_by[function.name] = self.read_callers(function)
        return self.called_by[function.name]

    def read_callers(self, function: Function) -> list[Function]:
        found: list[Function] = []
        defined = 0
        for path in self.naming(function):
            file = rust.file(self.target, path)
            for other in rust.functions(file):
                if other.name == function.name and liveness.is_production(self.target, file, other.node):
                    defined += 1
                called = any(
                    _meant(file, call.name) == function.name for call in rust.calls(file, other.body or other.node)
                )
                if called and other.node != function.node and liveness.is_production(self.target, file, other.node):
                    found.append(other)
        return found if defined == 1 else []

    def naming(self, function: Function) -> list[str]:
        """Give the files that can call a function and do, or declare another of its name; none if many declare one."""
        package = cargo.workspace(self.target).package_of(function.file.path)
        definition = _definition(function.name)
        reached = self.sources if package is None else self.beside([package.name])
        found = self.target.containing(_naming([function.name]), reached)
        declaring = sum(definition.search(self.target.data(path)) is not None for path in found)
        return found if declaring <= _NAMESAKES else []

    # --- tests of a guard

    def exercises(self, guard: _Guard) -> list[_Exercise]:
        """Give the tests that call the guard, or what calls it, with a path that it must reject."""
        wanted = {guard.function.name: guard.function}
        for function in (*guard.helpers, *self.callers(guard.function), *self.helper_callers(guard)):
            wanted.setdefault(function.name, function)
        workspace = cargo.workspace(self.target)
        owners = (workspace.package_of(function.file.path) for function in wanted.values())
        packages = {package.name: package for package in owners if package is not None}
        own = {path for package in packages.values() for path in globs.below(self.sources, package.root)}
        extension = f".{self.params.extension}".encode()
        found: list[_Exercise] = []
        for path in self.target.containing(_naming(wanted), self.beside(packages)):
            data = self.target.data(path)
            near = path in own or any(name.replace("-", "_").encode() in data for name in packages)
            if near and b"test" in data and (extension in data.lower() or b"_extension(" in data):
                found.extend(_exercises(self, rust.file(self.target, path), wanted))
        return found

    def beside(self, names: Iterable[str]) -> list[str]:
        """Give the Rust files of packages, and of those that depend on them, at any remove."""
        packages = cargo.workspace(self.target).packages
        users: dict[str, list[str]] = {}
        for package in packages.values():
            for dependency in package.dependencies:
                users.setdefault(dependency.package, []).append(package.name)
        reached: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in reached:
                reached.add(name)
                pending.extend(users.get(name, ()))
        found: set[str] = set()
        for package in (packages[name] for name in reached if name in packages):
            found.update(globs.below(self.sources, package.root), (one.path for one in package.targets))
        return [path for path in self.sources if path in found]

    def helper_callers(self, guard: _Guard) -> list[Function]:
        """Give the entry points that hand their path to the guard."""
        return [
            entry
            for entry in self.entries
            if entry.node != guard.function.node
            and any(helper.node == guard.function.node for helper in self.asked(entry))
        ]


# --- findings on a guard --------------------------------------------------------------------------------------------


def _unsound(guard: _Guard, params: Params) -> Iterator[Finding]:
    for test in guard.tests:
        if test.fault:
            yield Finding(
                test.file.path,
                f"the guard in `{guard.label}` {test.fault}",
                *test.file.position(test.literal),
                end=test.file.end_position(test.literal),
                help=f'use `extension()` with `eq_ignore_ascii_case("{params.extension}")`',
            )


def _untested(code: _Code, guard: _Guard, old: _Code | None) -> Iterator[Finding]:
    """Yield a guard that no test of the CI set tries, and the edge cases that no test tries."""
    params, test = code.params, guard.tests[0]
    place = test.file.position(test.literal)
    exercises = code.exercises(guard)
    run = [found for found in exercises if any(commands.ci_runs(code.target, params.ci, t) for t in found.tests)]
    if not run:
        names = ", ".join(f"`{found.function.name}`" for found in exercises)
        what = f"only {names} does, and CI never runs it" if names else "none does"
        yield Finding(
            test.file.path,
            f"no test that CI runs calls `{guard.label}` with a `.{params.extension}` path: {what}",
            *place,
            end=test.file.end_position(test.literal),
            help="add such a test, or a CI command that selects it",
            related=tuple(
                Related(
                    found.function.file.path,
                    *found.function.file.position(
                        found.function.node.child_by_field_name("name") or found.function.node
                    ),
                    "this test is not run by CI",
                )
                for found in exercises
            ),
        )
    tried = [text for found in exercises for text in found.literals]
    missing = [kind for kind, regex in params.edge_cases.items() if not any(re.search(regex, text) for text in tried)]
    if missing:
        changed = old is not None and guard.text not in {before.text for before in old.guards}
        yield Finding(
            test.file.path,
            f"no test tries `{guard.label}` with {', '.join(missing)}",
            *test.file.position(test.node),
            help="add these spellings of a rejected path to its test",
            level="error" if changed else "note",
        )


# --- tests ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Exercise:
    """A test function that tries a guard, the tests it is (one for each crate it stands in), and the paths it tries."""

    function: Function
    tests: tuple[Test, ...]
    literals: tuple[str, ...]


def _exercises(code: _Code, file: RustFile, wanted: dict[str, Function]) -> Iterator[_Exercise]:
    functions = [function for function in rust.functions(file) if function.body is not None]
    local = {function.name: function for function in functions if not rust.is_test(file, function.node)}
    reader = _Reader(code, file, wanted, local)
    for function in functions:
        literals = reader.tried(function) if rust.is_test(file, function.node) else []
        if literals:
            yield _Exercise(function, tuple(_test_ids(code.target, file, function)), tuple(literals))


@dataclass(frozen=True)
class _Reader:
    """Reads the tests of one file: `wanted` are guards and what calls them, `local` the file's own helpers."""

    code: _Code
    file: RustFile
    wanted: dict[str, Function]
    local: dict[str, Function]

    def tried(self, function: Function, depth: int = 0) -> list[str]:
        """Give the rejected paths that a test hands to a guard, itself or through a local helper."""
        found: list[str] = []
        for call in rust.calls(self.file, function.body):
            guard, helper = self.wanted.get(_meant(self.file, call.name)), self.local.get(call.name)
            if guard is not None and guard.node != function.node and _means(call.callee, guard, self.file):
                groups = _subject_groups(self.code, guard, call)
                found.extend(text for group in groups for text in self.literals(function, group))
            elif helper is not None and helper.node != function.node and depth < _HELPER_DEPTH:
                inner = self.tried(helper, depth + 1)
                found.extend(inner)
                if inner or self.reaches(helper):
                    found.extend(text for group in call.arguments for text in self.literals(function, group))
        return found

    def literals(self, function: Function, group: tuple[Node, ...]) -> list[str]:
        return [text for node in group for text in _literals(self.code, self.file, function, node)]

    def reaches(self, helper: Function) -> bool:
        for call in rust.calls(self.file, helper.body):
            guard = self.wanted.get(_meant(self.file, call.name))
            if guard is not None and _means(call.callee, guard, self.file):
                return True
        return False


def _means(callee: str, guard: Function, file: RustFile) -> bool:
    """Tell whether a call by that path may mean the guard: bare, or through its module, type or crate."""
    if not callee or "::" not in callee:
        return not callee or True
    before = _meant(file, callee.split("::")[-2])
    return (
        before in (guard.owner, modules.named_by(guard.file.path), "super", "self", "crate", "Self")
        or file is guard.file
    )


def _subject_groups(code: _Code, guard: Function, call: rust.Call) -> list[tuple[Node, ...]]:
    """Give the arguments of a call that are the path: those of parameters called so, or all."""
    names = path_tests.parameters(guard)
    if len(names) == len(call.arguments):
        chosen = [
            group
            for name, group in zip(names, call.arguments, strict=True)
            if any(word in name for word in code.params.subjects)
        ]
        if chosen:
            return chosen
    return list(call.arguments)


def _literals(code: _Code, file: RustFile, function: Function, node: Node) -> list[str]:
    """Give the rejected paths in an expression, its names followed through lets, loops and test cases."""
    names = {file.text_of(inner) for inner in rust.walk(node, "identifier")}
    sources = [node]
    body = function.body or function.node
    bindings = list(path_tests.bindings(file, body))
    for _ in range(_HELPER_DEPTH):
        for bound, value in bindings:
            if bound & names and value not in sources:
                sources.append(value)
                names |= {file.text_of(inner) for inner in rust.walk(value, "identifier")}
    texts = [literal.value for source in sources for literal in rust.strings(file, source)]
    if set(path_tests.parameters(function)) & names:
        for attribute in rust.attributes(file, function.node):
            texts.extend(re.findall(r'"((?:[^"\\]|\\.)*)"', attribute.args))
    wanted = re.compile(rf"(?i)\.{re.escape(code.params.extension)}(?![\w-])")
    made = re.compile(rf'(?i)(?:with|set)_extension\(\s*"{re.escape(code.params.extension)}"')
    found = [text for text in texts if wanted.search(text)]
    found.extend(f"x.{code.params.extension}" for source in sources if made.search(file.text_of(source)))
    return found


def _test_ids(target: Target, file: RustFile, function: Function) -> Iterator[Test]:
    for placement in modules.placements(target, file.path):
        for item in modules.items(target, placement):
            if item.function.node == function.node:
                test = tests.of_item(item)
                if test is not None:
                    yield test


# --- syntax ---------------------------------------------------------------------------------------------------------


def _naming(names: Iterable[str]) -> list[bytes]:
    """Give what a file that calls one of the functions holds, under another name too."""
    return [f"{name}{after}".encode() for name in names for after in ("(", " as ")]


def _renamed(file: RustFile) -> dict[str, str]:
    """Give the names that a file imports under another one: `use merge::run as merge_run` (memoised)."""
    if "renamed imports" not in file.memo:
        leaves = [leaf for use in rust.find(file, "use_declaration") for leaf in rust.use_leaves(file, use)]
        file.memo["renamed imports"] = {
            leaf.alias: leaf.segments[-1] for leaf in leaves if leaf.alias and leaf.segments
        }
    found: dict[str, str] = file.memo["renamed imports"]
    return found


def _meant(file: RustFile, name: str) -> str:
    return _renamed(file).get(name, name)


def _is_error(file: RustFile, leaving: dominance.Exit) -> bool:
    return leaving.value is not None and re.match(r"(?:\w+::)*Err\s*\(", file.text_of(leaving.value)) is not None


def _tokens(file: RustFile, node: Node) -> str:
    """Give the tokens of an expression with its variables numbered, so that another name of one is no change."""
    numbers: dict[str, int] = {}
    texts = []
    for token in rust.tokens(node):
        text = file.text_of(token)
        if token.type == "identifier" and text[:1].islower() and not _is_called(token):
            text = f"#{numbers.setdefault(text, len(numbers))}"
        texts.append(text)
    return " ".join(texts)


def _is_called(name: Node) -> bool:
    around = name.parent
    if around is None or around.type != "call_expression":
        return around is not None and around.type in ("scoped_identifier", "generic_function", "macro_invocation")
    return around.child_by_field_name("function") == name


def _definition(name: str) -> re.Pattern[bytes]:
    return re.compile(rf"fn\s+(?:r#)?{re.escape(name)}\b".encode())
