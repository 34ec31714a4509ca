"""Which test functions a `cargo test` or `cargo nextest run` line would really run, without running it.

Source: the Cargo book (cargo test, Cargo Targets), Cargo's own selection of targets, libtest's filters. Only files that
can hold a matching test are parsed; a command over the whole workspace is best asked with `runs`.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pytest_mens.model import UnreadableError
from pytest_mens.views import cargo, cargo_args, cfg, modules, nextest, tests, toml
from pytest_mens.views.tests import Test, TestId, target_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import CargoTarget, Package, Workspace
    from pytest_mens.views.cargo_args import Invocation

__all__ = ["Resolution", "Test", "TestId", "find", "resolve", "runs", "selection", "target_label", "test_of"]

test_of = tests.of_item


@dataclass(frozen=True)
class Resolution:
    """What a command runs: `tests` for sure, `maybe` by open prefixes; `errors` are those Cargo itself would give.

    `ignored` are selected by name but not run. `absent` are selected by name but do not exist under the command's
    features. `empty_targets` are selected test targets that hold no test at all. `known` is false when the command
    line holds what only the running shell knows.
    """

    tests: frozenset[TestId]
    maybe: frozenset[TestId]
    ignored: frozenset[TestId]
    errors: tuple[str, ...]
    empty_targets: tuple[str, ...] = ()
    absent: tuple[Test, ...] = ()
    known: bool = True


@dataclass(frozen=True)
class Selection:
    """What a command selects before names are looked at: targets by package, with the features they are built with."""

    invocation: Invocation
    targets: tuple[tuple[Package, CargoTarget], ...]
    features: Mapping[str, frozenset[str]]
    errors: tuple[str, ...]
    known: bool = True
    filterset: nextest.Filterset | None = None

    @property
    def needles(self) -> frozenset[str] | None:
        """Give texts of which every selected name contains one; None when any name may be selected."""
        filters = self.invocation.filters
        if filters and all(filters):
            return frozenset(filters)
        return None if self.filterset is None else self.filterset.needles


def resolve(target: Target, argv: Sequence[str], cwd: str | None = "") -> Resolution:
    """Resolve a command line such as `["cargo", "test", "-p", "x", "name"]`, run in `cwd` (memoised).

    Raise ValueError when it is no command that runs tests.
    """
    memo = target.view(_memo)
    key = (tuple(argv), cwd)
    if key not in memo.resolutions:
        memo.resolutions[key] = _resolve(target, selection(target, argv, cwd))
    return memo.resolutions[key]


def runs(target: Target, argv: Sequence[str], test: Test | TestId, cwd: str | None = "") -> bool:
    """Tell whether the command surely runs this one test, without enumerating the others."""
    chosen = selection(target, argv, cwd)
    if chosen.errors or not chosen.known:
        return False
    found = (test,) if isinstance(test, Test) else find(target, test)
    labels = {(package.name, target_label(one)) for package, one in chosen.targets if one.harness}
    for one in found:
        if (one.id.package, one.id.target) in labels and _selects(chosen, one) is True:
            return _exists(chosen, one) and _wanted(chosen, one)
    return False


def find(target: Target, test: TestId) -> tuple[Test, ...]:
    """Give the tests of that id: none when it does not exist, several when cfgs choose among them."""
    package = cargo.workspace(target).packages.get(test.package)
    if package is None:
        return ()
    return tuple(
        found
        for cargo_target in package.targets
        if target_label(cargo_target) == test.target
        for found in _tests(target, package, cargo_target, frozenset({test.name}))
        if found.id.name == test.name
    )


def selection(target: Target, argv: Sequence[str], cwd: str | None = "") -> Selection:
    """Give what the command selects (memoised); raise ValueError when it is no Cargo command that selects packages."""
    memo = target.view(_memo)
    key = (tuple(argv), cwd)
    if key not in memo.selections:
        invocation = cargo_args.parse(_unalias(target, argv))
        if invocation is None:
            raise ValueError(f"not a cargo command that builds packages: {' '.join(argv)}")
        memo.selections[key] = _select(target, invocation, cwd)
    return memo.selections[key]


@dataclass
class _Memo:
    """What was resolved so far for one target."""

    resolutions: dict[tuple[tuple[str, ...], str | None], Resolution] = field(default_factory=dict)
    selections: dict[tuple[tuple[str, ...], str | None], Selection] = field(default_factory=dict)
    features: dict[cargo.Selection, Mapping[str, frozenset[str]] | str] = field(default_factory=dict)
    names: dict[tuple[tuple[Package, CargoTarget], ...], list[str]] = field(default_factory=dict)


def _memo(_target: Target) -> _Memo:
    return _Memo()


# --- Packages, targets, features ---------------------------------------------------------------------------------


def _select(target: Target, invocation: Invocation, cwd: str | None) -> Selection:
    workspace = cargo.workspace(target)
    if invocation.opaque:
        return Selection(invocation, (), {}, (), known=False)
    errors = list(invocation.errors)
    packages = _packages(workspace, invocation, cwd, errors)
    if packages is None:
        return Selection(invocation, (), {}, tuple(errors), known=False)
    features: Mapping[str, frozenset[str]] = {}
    if packages:
        features = _features(target, invocation, packages, errors)
    targets = tuple(_targets(invocation, packages, features, errors)) if invocation.runner else ()
    if not invocation.runner:
        for _ in _by_name(invocation, packages, features, errors):
            pass  # only what is wrong with the names matters: nothing is tested
    filterset = None
    try:
        filterset = _filterset(target, invocation)
    except ValueError as error:
        errors.append(str(error))
    return Selection(invocation, targets, features, tuple(dict.fromkeys(errors)), filterset=filterset)


def _packages(workspace: Workspace, invocation: Invocation, cwd: str | None, errors: list[str]) -> list[Package] | None:
    """Give the packages that the command selects; None when they cannot be told."""
    folder = cwd
    if invocation.manifest_path is not None:
        folder = None if cwd is None else modules.join(cwd, invocation.manifest_path.rpartition("/")[0])
    here = None if folder is None else workspace.package_of(modules.join(folder, "Cargo.toml"))
    if folder and (here is None or here.name not in workspace.packages):
        return None
    if invocation.workspace:
        every = workspace.packages.values()
        kept = [package for package in every if not any(_same(package.name, spec) for spec in invocation.exclude)]
        if invocation.exclude and not kept:
            errors.append("every package of the workspace is excluded")
        return kept
    if invocation.packages:
        return _named_packages(workspace, invocation, errors)
    if folder is None:
        return None
    names = (here.name,) if folder and here is not None else workspace.default_members
    return [workspace.packages[name] for name in names]


def _named_packages(workspace: Workspace, invocation: Invocation, errors: list[str]) -> list[Package] | None:
    found: dict[str, Package] = {}
    others = {package.name: package for package in workspace.others}
    for spec in invocation.packages:
        name = re.split(r"[@:](?=\d)", spec.rpartition("#")[2])[0]
        exact = workspace.packages.get(name)
        matching = [exact] if exact else [one for one in workspace.packages.values() if _same(one.name, name)]
        if not matching and name in others:
            if not invocation.runner or not any(one.kind == "dev" for one in others[name].dependencies):
                return None
            errors.append(f"package `{name}` cannot be tested: it has dev-dependencies and is no workspace member")
            continue
        if not matching:
            near = nearest(name, workspace.packages)
            errors.append(f"package ID specification `{spec}` did not match any packages{near}")
        found.update((package.name, package) for package in matching)
    return list(found.values())


def _same(name: str, spec: str) -> bool:
    return fnmatchcase(name, spec) if re.search(r"[*?\[]", spec) else name == spec


def _features(
    target: Target, invocation: Invocation, packages: list[Package], errors: list[str]
) -> Mapping[str, frozenset[str]]:
    wanted = cargo.Selection(
        tuple(sorted(package.name for package in packages)),
        invocation.features,
        invocation.all_features,
        invocation.default_features,
        dev=invocation.runner != "" or invocation.targets.tests or invocation.targets.all_targets,
    )
    memo = target.view(_memo).features
    if wanted not in memo:
        try:
            # a command that runs no tests is only asked whether Cargo accepts it
            cargo.check_request(cargo.workspace(target), wanted)
            memo[wanted] = cargo.enabled_features(cargo.workspace(target), wanted) if invocation.runner else {}
        except ValueError as error:
            memo[wanted] = str(error)
    found = memo[wanted]
    if isinstance(found, str):
        known = {feature for package in packages for feature in package.features}
        missing = [feature for feature in invocation.features if feature not in known]
        errors.append(found + (nearest(missing[0], known) if missing else ""))
        return {}
    return found


def _targets(
    invocation: Invocation, packages: list[Package], features: Mapping[str, frozenset[str]], errors: list[str]
) -> Iterator[tuple[Package, CargoTarget]]:
    """Give the targets as Cargo's CompileFilter does, without duplicates."""
    seen = set()
    for package, cargo_target in (
        *_flagged(invocation, packages, features, errors),
        *_by_name(invocation, packages, features, errors),
    ):
        if cargo_target.kind != "custom-build" and (package.name, cargo_target) not in seen:
            seen.add((package.name, cargo_target))
            yield package, cargo_target


def _flagged(
    invocation: Invocation, packages: list[Package], features: Mapping[str, frozenset[str]], errors: list[str]
) -> Iterator[tuple[Package, CargoTarget]]:
    flags = invocation.targets
    if flags.doc:
        return
    if flags.lib and not any(package.target("lib") for package in packages) and not flags.all_targets:
        names = ", ".join(f"`{package.name}`" for package in packages)
        errors.append(f"no library targets found in package {names}")
    for package in packages:
        for cargo_target in package.targets:
            if _is_flagged(flags, cargo_target) and not _unmet(package, cargo_target, features):
                yield package, cargo_target


def _is_flagged(flags: cargo_args.Targets, cargo_target: CargoTarget) -> bool:
    kind = cargo_target.kind
    if flags.default:
        return cargo_target.test
    if flags.all_targets:
        # integration tests are asked for as by `--tests`, which leaves those with `test = false` out
        return kind != "test" or cargo_target.test
    return (
        (kind == "lib" and flags.lib)
        or (kind == "bin" and flags.bins)
        or (kind == "example" and flags.examples)
        or (kind == "bench" and flags.benches)
        or (flags.benches and kind in {"lib", "bin"})
        or (flags.tests and cargo_target.test)
    )


def _by_name(
    invocation: Invocation, packages: list[Package], features: Mapping[str, frozenset[str]], errors: list[str]
) -> Iterator[tuple[Package, CargoTarget]]:
    """Give the targets that `--test NAME` and the like name; a name without a target is an error."""
    for kind, name in invocation.targets.named:
        of_kind = [(package, found) for package in packages for found in package.targets if found.kind == kind]
        matching = [(package, found) for package, found in of_kind if _same(found.name, name)]
        if not matching and packages:
            where = f"package `{packages[0].name}`" if len(packages) == 1 else "the selected packages"
            near = nearest(name, {found.name for _, found in of_kind})
            errors.append(f"no {kind} target named `{name}` in {where}{near}")
        for package, found in matching:
            unmet = _unmet(package, found, features)
            if unmet:
                needed = ", ".join(f"`{feature}`" for feature in unmet)
                errors.append(f"target `{found.name}` in package `{package.name}` requires the features: {needed}")
            else:
                yield package, found


def _unmet(package: Package, cargo_target: CargoTarget, features: Mapping[str, frozenset[str]]) -> list[str]:
    enabled = features.get(package.name, frozenset())
    missing = []
    for feature in cargo_target.required_features:
        name, slash, inner = feature.partition("/")
        met = inner in features.get(_renamed(package, name), frozenset()) if slash else feature in enabled
        if not met:
            missing.append(feature)
    return missing


def _renamed(package: Package, name: str) -> str:
    return next((dependency.package for dependency in package.dependencies if dependency.name == name), name)


def nearest(name: str, known: Iterable[str]) -> str:
    """Give `; the nearest is ..` for messages, or nothing when no known name is near."""
    close = difflib.get_close_matches(name, sorted(known), 1, 0.75)
    return f"; the nearest is `{close[0]}`" if close else ""


def _unalias(target: Target, argv: Sequence[str]) -> list[str]:
    """Expand an alias of the repository's `.cargo/config.toml`, as Cargo does for subcommands that it does not have."""
    words = list(argv)
    at = next((index for index, word in enumerate(words[1:], 1) if not word.startswith(("-", "+"))), None)
    if not cargo_args.is_cargo(words) or at is None or cargo_args.is_subcommand(words[at]):
        return words
    for path in (".cargo/config.toml", ".cargo/config"):
        if target.exists(path):
            aliases = toml.file(target, path).values.get("alias")
            expanded = aliases.get(words[at]) if isinstance(aliases, dict) else None
            if isinstance(expanded, str):
                expanded = expanded.split()
            if isinstance(expanded, list):
                return [*words[:at], *(str(part) for part in expanded), *words[at + 1 :]]
    return words


# --- Tests -------------------------------------------------------------------------------------------------------


def _resolve(target: Target, chosen: Selection) -> Resolution:
    invocation = chosen.invocation
    if not invocation.runner:
        raise ValueError(f"cargo {invocation.subcommand} runs no tests")
    if chosen.errors or not chosen.known:
        return Resolution(frozenset(), frozenset(), frozenset(), chosen.errors, known=chosen.known)
    if invocation.targets.doc:
        return _doctests(target, chosen)
    sure: set[TestId] = set()
    maybe: set[TestId] = set()
    ignored: set[TestId] = set()
    absent: dict[TestId, Test] = {}
    for package, cargo_target in chosen.targets:
        if not cargo_target.harness:
            maybe.add(TestId(package.name, target_label(cargo_target), "", open=True))
            continue
        for test in _tests(target, package, cargo_target, chosen.needles):
            verdict = _selects(chosen, test)
            if verdict is False:
                continue
            exists = _exists(chosen, test)
            if not exists and not _may_exist(target, chosen, package, test):
                absent[test.id] = test
            elif not _wanted(chosen, test):
                ignored.add(test.id)
            else:
                (sure if verdict and exists else maybe).add(test.id)
    there = sure | maybe | ignored
    return Resolution(
        frozenset(sure),
        frozenset(maybe),
        frozenset(ignored),
        errors=(),
        empty_targets=tuple(_empty_targets(target, chosen)),
        absent=tuple(sorted((test for key, test in absent.items() if key not in there), key=lambda test: test.id)),
    )


def _empty_targets(target: Target, chosen: Selection) -> Iterator[str]:
    """Give the targets selected by name that hold no test, whatever the filters."""
    for kind, name in chosen.invocation.targets.named:
        meant = [
            (package, one)
            for package, one in chosen.targets
            if one.kind == kind and one.harness and _same(one.name, name)
        ]
        empty = [(package, one) for package, one in meant if not _holds_tests(target, chosen, package, one)]
        if len(empty) == len(meant):  # of a glob's targets some may well be for other platforms
            yield from (f"{package.name} {target_label(one)}" for package, one in empty)


def _holds_tests(target: Target, chosen: Selection, package: Package, cargo_target: CargoTarget) -> bool:
    every = _tests(target, package, cargo_target, None)
    return any(_exists(chosen, test) or _may_exist(target, chosen, package, test) for test in every)


def _tests(
    target: Target, package: Package, cargo_target: CargoTarget, needles: frozenset[str] | None
) -> Iterator[Test]:
    """Give the tests of one Cargo target whose name may contain one of `needles`; all when that is None."""
    for placement in modules.files_of(target, package, cargo_target):
        try:
            if not tests.may_hold(target, placement) or not _may_match(target, placement, needles):
                continue
        except UnreadableError:
            if needles is not None and not any(_in_path(placement, needle) for needle in needles):
                raise
        for test in tests.in_placement(target, placement):
            if needles is None or test.id.open or any(needle in test.id.name for needle in needles):
                yield test


def _in_path(placement: modules.Placement, needle: str) -> bool:
    return needle in "::".join(placement.module)


def _may_match(target: Target, placement: modules.Placement, needles: frozenset[str] | None) -> bool:
    """Narrow by bytes: each segment of a needle stands in the file's module path or in the file itself."""
    if needles is None:
        return True
    data = target.data(placement.file)
    shown = modules.shown_path(placement.module)
    for needle in needles:
        parts = [part.removeprefix("r#") for part in needle.split("::")]
        if all(part in shown or part.encode() in data for part in parts):
            return True
    return tests.may_be_named_freely(target, placement)


def _exists(chosen: Selection, test: Test) -> bool:
    return cfg.evaluate(test.cfg, _Assignment(chosen, test.id.package).holds)


def _may_exist(target: Target, chosen: Selection, package: Package, test: Test) -> bool:
    """Tell whether a test exists once the cfgs are set that something in the repository passes to rustc."""
    custom = {atom for atom in cfg.atoms(test.cfg) if atom.name in _passed(target, package)}
    holds = _Assignment(chosen, test.id.package).holds
    return bool(custom) and cfg.evaluate(test.cfg, lambda atom: atom in custom or holds(atom))


def _passed(target: Target, package: Package) -> frozenset[str]:
    """Give the names that CI, Cargo's configuration or the package's build script pass as `--cfg`."""
    scripts = [one.path for one in package.targets if one.kind == "custom-build"]
    return target.view(_passed_to_all).union(*(_named_cfgs(target, path, _RUSTC_CFG) for path in scripts))


_CFG_FLAG = re.compile(rb"--cfg(?:\s+|\s*=\s*|[\"'],\s*[\"'])[\"'\\]*(\w+)")
_RUSTC_CFG = re.compile(rb"cargo::?rustc-cfg=(\w+)")


def _passed_to_all(target: Target) -> frozenset[str]:
    files = target.glob("*.yml", "*.yaml", ".cargo/config", ".cargo/config.toml", "Makefile", "justfile", "*.sh")
    return frozenset[str]().union(
        *(_named_cfgs(target, path, _CFG_FLAG) for path in target.containing([b"--cfg"], files))
    )


def _named_cfgs(target: Target, path: str, written: re.Pattern[bytes]) -> frozenset[str]:
    try:
        return frozenset(name.decode() for name in written.findall(target.data(path)))
    except UnreadableError:
        return frozenset()


def _wanted(chosen: Selection, test: Test) -> bool:
    """Tell whether the command runs the test as far as `#[ignore]` goes."""
    mode = chosen.invocation.ignored
    if mode == "all":
        return True
    return cfg.evaluate(test.ignored, _Assignment(chosen, test.id.package).holds) == (mode == "only")


@dataclass(frozen=True)
class _Assignment:
    """What is true while a package's tests are compiled by a command."""

    chosen: Selection
    package: str

    def holds(self, atom: cfg.Atom) -> bool:
        if atom.name == "test" and atom.value is None:
            return True
        if atom.name == "feature":
            return atom.value in self.chosen.features.get(self.package, frozenset())
        if atom.name == "debug_assertions" and self.chosen.invocation.release:
            return False
        return atom in cfg.PLATFORM


# --- Names -------------------------------------------------------------------------------------------------------


def _filterset(target: Target, invocation: Invocation) -> nextest.Filterset | None:
    """Give the union of the `-E` expressions, within the profile's default filter; None when all tests are meant."""
    if invocation.runner != "nextest":
        return None
    parsed = [nextest.parse(expression) for expression in invocation.expressions]
    union = None
    for one in parsed:
        union = one if union is None else nextest.either(union, one)
    default = _default_filter(target, invocation.profile) if invocation.default_filter else None
    if default is None:
        return union
    return default if union is None else nextest.both(union, default)


def _default_filter(target: Target, profile: str) -> nextest.Filterset | None:
    path = ".config/nextest.toml"
    if not target.exists(path):
        return None
    profiles = toml.file(target, path).values.get("profile")
    for name in (profile, "default"):
        table = profiles.get(name) if isinstance(profiles, dict) else None
        text = table.get("default-filter") if isinstance(table, dict) else None
        if isinstance(text, str):
            return nextest.parse(text)
    return None


def _selects(chosen: Selection, test: Test) -> bool | None:
    """Tell whether the command's filters select the test by name; None when that depends on the unknown end of it."""
    invocation = chosen.invocation
    named = _any(invocation, invocation.filters, test) if invocation.filters else True
    skipped = _any(invocation, invocation.skip, test) if invocation.skip else False
    listed = True if chosen.filterset is None else _listed(chosen.filterset, test)
    verdicts = {named, listed, None if skipped is None else not skipped}
    return False if False in verdicts else None if None in verdicts else True


def _any(invocation: Invocation, filters: Sequence[str], test: Test) -> bool | None:
    name = test.id.name
    if not invocation.exact and any(text in name for text in filters):
        return True
    if test.id.open:
        return None if any(tests.may_continue(test, text, exact=invocation.exact) for text in filters) else False
    return name in filters


def _listed(filterset: nextest.Filterset, test: Test) -> bool | None:
    kind, _, binary = test.id.target.partition(" ")
    verdict = filterset.holds(nextest.Subject(test.id.package, kind, binary or test.id.package, test.id.name))
    return None if test.id.open and not verdict and _may_be_listed(filterset, test) else verdict


def _may_be_listed(filterset: nextest.Filterset, test: Test) -> bool:
    needles = filterset.needles
    return needles is None or any(tests.may_continue(test, needle) for needle in needles)


# --- Doc tests ---------------------------------------------------------------------------------------------------


def _doctests(target: Target, chosen: Selection) -> Resolution:
    """Documentation tests have names of their own, with file and line: that there may be some is all that is told."""
    maybe = frozenset(
        TestId(package.name, "doc", "", open=True)
        for package in cargo.workspace(target).packages.values()
        if package.name in chosen.features and (library := package.target("lib")) is not None and library.doctest
    )
    return Resolution(frozenset(), maybe, frozenset(), ())


# --- What to say of a command ------------------------------------------------------------------------------------


def outcome(target: Target, argv: Sequence[str], cwd: str | None = "") -> str:
    """Say in a few words what a command really runs, and when that is nothing, why."""
    found = resolve(target, argv, cwd)
    if found.errors:
        return f"is refused by cargo: {found.errors[0]}"
    if found.tests or found.maybe:
        return f"runs {described(found.tests or found.maybe)}"
    chosen = selection(target, argv, cwd)
    if found.ignored:
        said = "is not ignored" if chosen.invocation.ignored == "only" else "is ignored"
        said = said if len(found.ignored) == 1 else said.replace("is", "are", 1)
        return f"runs no test: {described(found.ignored)}, which it selects, {said}"
    if found.absent:
        needed = _needed(chosen, found.absent[0])
        count = f"{len(found.absent)} tests of that name" if len(found.absent) > 1 else f"`{found.absent[0].id.name}`"
        return f"matches no test: {count} would exist only under `{needed}`"
    if found.empty_targets:
        return f"matches no test: {found.empty_targets[0]} holds none under these features"
    filters = chosen.invocation.filters or tuple(chosen.needles or ())
    close = _closest(target, chosen, filters[0]) if filters else ""
    return "matches no test" + (f"; the nearest name is `{close}`" if close else "")


def described(ids: frozenset[TestId]) -> str:
    """Say how many tests these are, and of which modules."""
    if len(ids) == 1:
        return f"`{next(iter(ids)).name}`"
    modules_of = sorted({test.name.rpartition("::")[0] or test.target for test in ids})
    shown = ", ".join(f"`{name}`" for name in modules_of[:2])
    return f"{len(ids)} tests of {shown}" + (" and others" if len(modules_of) > 2 else "")


def _needed(chosen: Selection, test: Test) -> str:
    """Give the features whose absence keeps a test away, else its whole condition."""
    holds = _Assignment(chosen, test.id.package).holds
    missing = [atom for atom in sorted(cfg.atoms(test.cfg), key=str) if atom.name == "feature" and not holds(atom)]
    if missing and cfg.evaluate(test.cfg, lambda atom: holds(atom) or atom in missing):
        return ", ".join(cfg.show(atom) for atom in missing)
    return cfg.show(test.cfg)


_FUNCTION = re.compile(rb"\bfn\s+(\w+)")


def _closest(target: Target, chosen: Selection, text: str) -> str:
    """Give the test or module name of the selected targets that is nearest to a filter that matches none."""
    memo = target.view(_memo).names
    if chosen.targets not in memo:
        memo[chosen.targets] = sorted(_names(target, chosen))
    wanted = text.rpartition("::")[2]
    words = {word[:4] for word in wanted.split("_") if len(word) > 2}
    alike = [
        name
        for name in memo[chosen.targets]
        if 2 * abs(len(name) - len(wanted)) <= len(wanted) and any(word in name for word in words)
    ]
    close = difflib.get_close_matches(wanted, alike, 1, 0.75)
    return close[0] if close else ""


def _names(target: Target, chosen: Selection) -> set[str]:
    names: set[str] = set()
    for package, cargo_target in chosen.targets:
        for placement in modules.files_of(target, package, cargo_target):
            try:
                if tests.may_hold(target, placement):
                    found = _FUNCTION.findall(target.data(placement.file))
                    names.update(name.decode("utf-8", "replace") for name in found)
                    names.update(placement.module)
            except UnreadableError:
                continue
    return names
