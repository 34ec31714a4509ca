"""The Cargo workspace from its manifests alone: packages, targets, dependencies, features.

Source: the Cargo book, chapters Workspaces, Cargo Targets, Specifying Dependencies, Features (resolver 2).
`cargo metadata` is the oracle of the tests.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pytest_mens.model import Finding, SubjectMissingError, UnreadableError
from pytest_mens.views import cfg, toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.cfg import Predicate

Kind = Literal["lib", "bin", "test", "example", "bench", "custom-build"]
DependencyKind = Literal["normal", "dev", "build"]


@dataclass(frozen=True)
class CargoTarget:
    """One target of a package; `path` is its root file, relative to the repository."""

    name: str
    kind: Kind
    path: str
    required_features: tuple[str, ...] = ()
    harness: bool = True
    test: bool = True
    doctest: bool = True
    proc_macro: bool = False
    edition: str = "2021"
    route: tuple[str | int, ...] = ("package",)
    """Where the manifest declares it, for `TomlFile.position`; the package's own table when it is discovered."""

    @property
    def crate(self) -> str:
        """Give the name that Rust code uses for it."""
        return self.name.replace("-", "_")


@dataclass(frozen=True)
class Dependency:
    """One declared dependency, inheritance resolved. `name` is the key in the manifest, `package` the real name.

    `path` is the folder of a path dependency inside the repository; `route` is where the manifest declares it.
    """

    name: str
    package: str
    kind: DependencyKind
    optional: bool
    default_features: bool
    features: tuple[str, ...]
    path: str | None
    platform: Predicate | str | None
    route: tuple[str, ...] = ()

    @property
    def crate(self) -> str:
        """Give the name that Rust code uses for it."""
        return self.name.replace("-", "_")

    @property
    def on_platform(self) -> bool:
        """Tell whether the dependency exists on the platform of CI."""
        if self.platform is None or isinstance(self.platform, str):
            return self.platform in {None, cfg.PLATFORM_TRIPLE}
        return cfg.evaluate(self.platform, cfg.PLATFORM.__contains__)


@dataclass(frozen=True, eq=False)
class Package:
    """A workspace member (or a path dependency inside the repository). `root` is its folder, `""` for the top."""

    name: str
    root: str
    manifest: str
    targets: tuple[CargoTarget, ...]
    dependencies: tuple[Dependency, ...]
    features: Mapping[str, tuple[str, ...]]
    """Declared and implicit features, as `cargo metadata` shows them."""
    edition: str = "2021"

    def target(self, kind: Kind, name: str | None = None) -> CargoTarget | None:
        """Give the target of that kind (and name), or None."""
        for found in self.targets:
            if found.kind == kind and name in {None, found.name}:
                return found
        return None

    @property
    def proc_macro(self) -> bool:
        """Tell whether the library is a procedural macro."""
        library = self.target("lib")
        return library is not None and library.proc_macro


@dataclass(frozen=True, eq=False)
class Workspace:
    """All members, the manifest's `default-members`, and what is wrong with it (one finding per bad member).

    `others` are packages of the repository that are no members: path dependencies and `[patch]` replacements.
    """

    manifest: str
    packages: Mapping[str, Package]
    default_members: tuple[str, ...]
    problems: tuple[Finding, ...] = field(default=())
    others: tuple[Package, ...] = ()
    resolver: str = "2"

    def package_of(self, path: str) -> Package | None:
        """Give the package whose folder holds `path` most closely."""
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in self._by_root:
                return self._by_root[folder]
        return None

    @property
    def all_packages(self) -> tuple[Package, ...]:
        """Give the members and the other packages of the repository."""
        return (*self.packages.values(), *self.others)

    def package_at(self, root: str | None) -> Package | None:
        """Give the package whose manifest stands in `root`."""
        return None if root is None else self._by_root.get(root)

    @cached_property
    def _by_root(self) -> dict[str, Package]:
        return {package.root: package for package in (*self.others, *self.packages.values())}


def workspace(target: Target) -> Workspace:
    """Read the workspace of the repository's root manifest (memoised). Raise SubjectMissingError without one."""
    return target.view(_workspace)


@dataclass(frozen=True)
class Selection:
    """What a command asks Cargo to build: packages, requested features, defaults or not, dev-dependencies or not."""

    packages: tuple[str, ...]
    features: tuple[str, ...] = ()
    all_features: bool = False
    default_features: bool = True
    dev: bool = True


# --- Reading the workspace ---------------------------------------------------------------------------------------


@dataclass
class _Reader:
    """The state of one pass over the manifests."""

    target: Target
    root: toml.TomlFile
    packages: dict[str, Package]
    others: dict[str, Package]
    problems: list[Finding]

    def shared(self, table: str) -> Any:
        return _table(_table(self.root.values, "workspace"), table)


def _workspace(target: Target) -> Workspace:
    manifest = "Cargo.toml"
    if not target.exists(manifest):
        raise SubjectMissingError("there is no Cargo.toml at the root of the repository", path=manifest)
    root = toml.file(target, manifest)
    reader = _Reader(target, root, {}, {}, [])
    declared = _table(root.values, "workspace")
    if "package" in root.values:
        _add_member(reader, "", ("package",))
    for index, pattern in enumerate(_strings(declared.get("members"))):
        for folder in _expand(target, pattern):
            if not _is_excluded(declared, folder):
                _add_member(reader, folder, ("workspace", "members", index))
    if "workspace" in root.values:
        _add_path_members(reader, declared)
    _add_others(reader)
    return Workspace(
        manifest,
        {package.name: package for package in sorted(reader.packages.values(), key=lambda package: package.name)},
        _default_members(reader, declared),
        tuple(reader.problems),
        tuple(reader.others.values()),
        _resolver(root),
    )


def _resolver(root: toml.TomlFile) -> str:
    package = _table(root.values, "package")
    named = _table(root.values, "workspace").get("resolver", package.get("resolver"))
    if named is not None:
        return str(named)
    return "2" if str(package.get("edition", "2015")) >= "2021" else "1"


def _default_members(reader: _Reader, declared: dict[str, Any]) -> tuple[str, ...]:
    if "default-members" in declared:
        folders = [folder for item in _strings(declared["default-members"]) for folder in _expand(reader.target, item)]
        return tuple(dict.fromkeys(reader.packages[folder].name for folder in folders if folder in reader.packages))
    if "" in reader.packages:
        return (reader.packages[""].name,)
    return tuple(sorted(package.name for package in reader.packages.values()))


def _add_member(reader: _Reader, folder: str, route: tuple[str | int, ...]) -> None:
    if folder in reader.packages:
        return
    manifest = posixpath.join(folder, "Cargo.toml")
    if reader.target.exists(manifest):
        reader.packages[folder] = _package(reader, folder)
        return
    message = f"workspace member `{folder}` is not in the repository: there is no {manifest}"
    reason = "commit the member or drop it from `members`: on a fresh checkout every cargo command fails"
    line, column = reader.root.position(*route)
    reader.problems.append(Finding(reader.root.path, message, line, column, help=reason))


def _add_path_members(reader: _Reader, declared: dict[str, Any]) -> None:
    """Path dependencies that lie inside the workspace's folder are members too, unless excluded."""
    queue = list(reader.packages.values())
    while queue:
        for dependency in queue.pop().dependencies:
            folder = dependency.path
            if folder is None or folder in reader.packages or _is_excluded(declared, folder):
                continue
            package = _other(reader, folder)
            if package is not None and not _is_root_of_its_own(reader.target, package):
                reader.packages[folder] = package
                queue.append(package)


def _add_others(reader: _Reader) -> None:
    """Read the path dependencies and `[patch]` packages of the repository that are no members."""
    folders = [
        folder
        for source in _table(reader.root.values, "patch").values()
        for replacement in (source.values() if isinstance(source, dict) else ())
        if isinstance(replacement, dict) and (folder := _folder("", replacement.get("path"))) is not None
    ]
    folders += [
        dependency.path
        for package in reader.packages.values()
        for dependency in package.dependencies
        if dependency.path is not None
    ]
    while folders:
        folder = folders.pop()
        if folder in reader.packages or folder in reader.others:
            continue
        package = _other(reader, folder)
        if package is not None:
            reader.others[folder] = package
            folders += [dependency.path for dependency in package.dependencies if dependency.path is not None]


def _other(reader: _Reader, folder: str) -> Package | None:
    """Read a package that `members` does not list, if it is in the repository."""
    return _package(reader, folder) if reader.target.exists(posixpath.join(folder, "Cargo.toml")) else None


def _is_root_of_its_own(target: Target, package: Package) -> bool:
    return "workspace" in toml.file(target, package.manifest).values


def _is_excluded(declared: dict[str, Any], folder: str) -> bool:
    def holds(prefixes: Iterable[str]) -> bool:
        return any(_is_below(folder, posixpath.normpath(prefix)) for prefix in prefixes)

    return holds(_strings(declared.get("exclude"))) and not holds(_strings(declared.get("members")))


def _is_below(path: str, folder: str) -> bool:
    return folder in {".", path} or path.startswith(folder + "/")


def _expand(target: Target, pattern: str) -> list[str]:
    """Give the folders that a member pattern names; a pattern that matches nothing names itself, as in Cargo."""
    pattern = posixpath.normpath(pattern)
    pattern = "" if pattern == "." else pattern
    if not re.search(r"[*?\[]", pattern):
        return [pattern]
    found = [""]
    for segment in pattern.split("/"):
        found = [below for folder in found for below in _matching(target.paths, folder, segment)]
    return sorted(dict.fromkeys(found)) or [pattern]


def _matching(paths: Sequence[str], folder: str, segment: str) -> Iterator[str]:
    if segment == "**":
        yield folder
        for child in children(paths, folder)[0]:
            yield from _matching(paths, posixpath.join(folder, child), segment)
        return
    matches = re.compile(_glob_regex(segment)).fullmatch
    for child in children(paths, folder)[0]:
        if matches(child):
            yield posixpath.join(folder, child)


def _glob_regex(segment: str) -> str:
    """Translate one segment of a glob of the Rust crate `glob`."""
    parts = []
    for part in re.findall(r"\[!?[^\[\]]+\]|.", segment):
        if len(part) > 1:
            inside = part[1:-1].replace("\\", r"\\").replace("^", r"\^")
            parts.append("[" + ("^" + inside[1:] if inside.startswith("!") else inside) + "]")
        else:
            parts.append({"*": ".*", "?": "."}.get(part, re.escape(part)))
    return "".join(parts)


def children(paths: Sequence[str], folder: str) -> tuple[list[str], list[str]]:
    """Give the names of the folders and of the files directly in `folder`; `paths` are sorted."""
    prefix = folder + "/" if folder else ""
    folders: list[str] = []
    files: list[str] = []
    at = bisect_left(paths, prefix)
    while at < len(paths) and paths[at].startswith(prefix):
        name, slash, _ = paths[at][len(prefix) :].partition("/")
        if slash:
            folders.append(name)
            at = bisect_left(paths, f"{prefix}{name}0", at)  # "0" follows "/" in the order of code points
        else:
            files.append(name)
            at += 1
    return folders, files


# --- Reading one package -----------------------------------------------------------------------------------------


def _package(reader: _Reader, folder: str) -> Package:
    document = toml.file(reader.target, posixpath.join(folder, "Cargo.toml"))
    table = _table(document.values, "package") or _table(document.values, "project")
    name = table.get("name")
    if not isinstance(name, str) or not name:
        raise UnreadableError(document.path, "not a Cargo manifest of a package: `package.name` is missing")
    edition = str(_inherited(table.get("edition", "2015"), reader.shared("package").get("edition", "2015")))
    dependencies = tuple(_dependencies(reader, document.values, folder))
    targets = _Targets(reader, document, folder, name, table, edition)
    return Package(
        name,
        folder,
        document.path,
        tuple(targets.all()),
        dependencies,
        _features(_table(document.values, "features"), dependencies),
        edition,
    )


def _inherited(value: Any, shared: Any) -> Any:
    return shared if isinstance(value, dict) and value.get("workspace") is True else value


def _features(declared: dict[str, Any], dependencies: Iterable[Dependency]) -> dict[str, tuple[str, ...]]:
    """Give the declared features, and those that optional dependencies make unless some feature names `dep:x`."""
    features = {name: tuple(_strings(values)) for name, values in declared.items()}
    hidden = {value[4:] for values in features.values() for value in values if value.startswith("dep:")}
    for dependency in dependencies:
        name = dependency.name
        if dependency.optional and name not in features and name not in hidden:
            features[name] = (f"dep:{name}",)
    return features


_DEPENDENCY_TABLES: dict[str, DependencyKind] = {
    "dependencies": "normal",
    "dev-dependencies": "dev",
    "dev_dependencies": "dev",
    "build-dependencies": "build",
    "build_dependencies": "build",
}


def _dependencies(reader: _Reader, values: dict[str, Any], folder: str) -> Iterator[Dependency]:
    tables: list[tuple[Predicate | str | None, tuple[str, ...], dict[str, Any]]] = [(None, (), values)]
    for key, table in _table(values, "target").items():
        if isinstance(table, dict):
            tables.append((_platform(key), ("target", key), table))
    for platform, route, table in tables:
        for table_name in _DEPENDENCY_TABLES:
            for name, value in _table(table, table_name).items():
                yield _dependency(reader, folder, (*route, table_name, name), value, platform)


def _platform(key: str) -> Predicate | str:
    found = re.fullmatch(r"\s*cfg\((.*)\)\s*", key, re.DOTALL)
    try:
        return cfg.parse(found[1]) if found else key
    except ValueError:
        return key


def _dependency(
    reader: _Reader, folder: str, route: tuple[str, ...], value: Any, platform: Predicate | str | None
) -> Dependency:
    name = route[-1]
    table = value if isinstance(value, dict) else {}
    base = folder
    features = _strings(table.get("features"))
    defaults = _default_features(table)
    if table.get("workspace") is True:
        own, shared = table, reader.shared("dependencies").get(name)
        table = shared if isinstance(shared, dict) else {}
        base = ""
        features = list(dict.fromkeys((*_strings(table.get("features")), *features)))
        # A member may switch defaults on again, but not off: Cargo book, Inheriting a dependency from a workspace.
        defaults = defaults is True if _default_features(table) is False else True
        table = {**table, "optional": own.get("optional", False)}
    package = table.get("package")
    return Dependency(
        name,
        package if isinstance(package, str) else name,
        _DEPENDENCY_TABLES[route[-2]],
        table.get("optional") is True,
        defaults is not False,
        tuple(features),
        _folder(base, table.get("path")),
        platform,
        route,
    )


def _default_features(table: dict[str, Any]) -> bool | None:
    value = table.get("default-features", table.get("default_features"))
    return value if isinstance(value, bool) else None


def _folder(base: str, path: Any) -> str | None:
    """Give the folder of a path dependency, or None when there is none inside the repository."""
    if not isinstance(path, str) or path.startswith("/"):
        return None
    folder = posixpath.normpath(posixpath.join(base, path.replace("\\", "/")))
    if folder == ".." or folder.startswith("../"):
        return None
    return "" if folder == "." else folder


def _table(values: Any, name: str) -> dict[str, Any]:
    found = values.get(name) if isinstance(values, dict) else None
    return found if isinstance(found, dict) else {}


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


# --- Targets -----------------------------------------------------------------------------------------------------

_FOLDERS: tuple[tuple[Kind, str, str], ...] = (
    ("bin", "src/bin", "autobins"),
    ("example", "examples", "autoexamples"),
    ("test", "tests", "autotests"),
    ("bench", "benches", "autobenches"),
)
_DOCTESTED = {"lib", "rlib", "proc-macro"}


@dataclass
class _Targets:
    """The targets of one package: those it declares and those Cargo discovers."""

    reader: _Reader
    document: toml.TomlFile
    folder: str
    name: str
    table: dict[str, Any]
    edition: str

    def all(self) -> Iterator[CargoTarget]:
        yield from self.library()
        for kind, folder, switch in _FOLDERS:
            yield from self.of_kind(kind, folder, self.table.get(switch))
        yield from self.build_script()

    def exists(self, path: str) -> bool:
        return self.reader.target.exists(posixpath.join(self.folder, path))

    def full(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, path.replace("\\", "/")))

    def library(self) -> Iterator[CargoTarget]:
        declared = self.document.values.get("lib")
        table = declared if isinstance(declared, dict) else {}
        default = self.exists("src/lib.rs") and (table or self.table.get("autolib") is not False)
        path = table.get("path") or ("src/lib.rs" if default else None)
        if path is None:
            if table:
                self.problem("lib", ("lib",), "src/lib.rs")
            return
        proc_macro = table.get("proc-macro", table.get("proc_macro")) is True
        kinds = _strings(table.get("crate-type", table.get("crate_type"))) or ["lib"]
        proc_macro = proc_macro or "proc-macro" in kinds
        yield CargoTarget(
            str(table.get("name") or self.name.replace("-", "_")),
            "lib",
            self.full(str(path)),
            harness=table.get("harness") is not False,
            test=table.get("test") is not False,
            doctest=table.get("doctest") is not False and (proc_macro or not _DOCTESTED.isdisjoint(kinds)),
            proc_macro=proc_macro,
            edition=str(table.get("edition", self.edition)),
            route=("lib",) if table else ("package",),
        )

    def build_script(self) -> Iterator[CargoTarget]:
        declared = self.table.get("build")
        path = declared if isinstance(declared, str) else "build.rs"
        if declared is not False and (isinstance(declared, str) or declared is True or self.exists(path)):
            name = "build-script-" + posixpath.basename(path).removesuffix(".rs")
            yield CargoTarget(name, "custom-build", self.full(path), test=False, doctest=False, edition=self.edition)

    def of_kind(self, kind: Kind, folder: str, discover: Any) -> Iterator[CargoTarget]:
        found = list(self.discovered(kind, folder))
        value = self.document.values.get(kind)
        if value is None:
            if discover is not False:
                yield from (self.made(kind, name, path, {}, ("package",)) for name, path in found)
            return
        declared = [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []
        for index, table in enumerate(declared):
            name = str(table.get("name", ""))
            path = self.declared_path(kind, name, table, found, (kind, index))
            if path is not None:
                yield self.made(kind, name, path, table, (kind, index))
        names = {str(table.get("name", "")) for table in declared}
        paths = {self.full(str(table["path"])) for table in declared if "path" in table}
        if discover is True or (discover is None and self.edition != "2015"):
            for name, path in found:
                if name not in names and self.full(path) not in paths:
                    yield self.made(kind, name, path, {}, ("package",))

    def discovered(self, kind: Kind, folder: str) -> Iterator[tuple[str, str]]:
        if kind == "bin" and self.exists("src/main.rs"):
            yield self.name, "src/main.rs"
        folders, files = children(self.reader.target.paths, posixpath.join(self.folder, folder))
        for name in files:
            if name.endswith(".rs") and not name.startswith("."):
                yield name.removesuffix(".rs"), f"{folder}/{name}"
        for name in folders:
            if not name.startswith(".") and self.exists(f"{folder}/{name}/main.rs"):
                yield name, f"{folder}/{name}/main.rs"

    def declared_path(
        self, kind: Kind, name: str, table: dict[str, Any], found: list[tuple[str, str]], route: tuple[str, int]
    ) -> str | None:
        if isinstance(table.get("path"), str):
            return str(table["path"])
        matching = [path for candidate, path in found if candidate == name]
        if len(matching) == 1:
            return matching[0]
        folder = next(folder for listed, folder, _ in _FOLDERS if listed == kind)
        self.problem(kind, route, f"{folder}/{name}.rs")
        return None

    def made(
        self, kind: Kind, name: str, path: str, table: dict[str, Any], route: tuple[str | int, ...]
    ) -> CargoTarget:
        tested = table.get("test")
        return CargoTarget(
            name,
            kind,
            self.full(path),
            tuple(_strings(table.get("required-features"))),
            harness=table.get("harness") is not False,
            test=tested if isinstance(tested, bool) else kind in {"bin", "test"},
            doctest=False,
            edition=str(table.get("edition", self.edition)),
            route=route,
        )

    def problem(self, kind: str, route: tuple[str | int, ...], path: str) -> None:
        """Report a declared target without a file: Cargo refuses the whole workspace; the rest is judged without it."""
        line, column = self.document.position(*route)
        self.reader.problems.append(
            Finding(
                self.document.path,
                f"the {kind} target has no file: there is no single {self.full(path)}",
                line,
                column,
                help="add the file or a `path`: until then every cargo command fails",
            )
        )


# --- Features ----------------------------------------------------------------------------------------------------


def close_features(package: Package, features: Iterable[str]) -> frozenset[str]:
    """Close features within one package: `f`, implicit features, `dep:x` and `x/f` as written, `x?/f` kept weak.

    `x/f` of an optional `x` also gives `dep:x`, and the feature `x` where there is one. Unknown features are kept.
    """
    optional = {dependency.name for dependency in package.dependencies if dependency.optional}
    closed: set[str] = set()
    queue = list(features)
    while queue:
        value = queue.pop()
        if value in closed:
            continue
        closed.add(value)
        name, slash, _ = value.partition("/")
        if not slash:
            queue += package.features.get(value, ())
        elif name in optional:  # a weak `x?` is never the name of a dependency
            queue.append(f"dep:{name}")
            if name in package.features:
                queue.append(name)
    return frozenset(closed)


def dependency_features(closed: frozenset[str], dependencies: Iterable[Dependency]) -> frozenset[str] | None:
    """Give what a closure of `close_features` hands to a dependency through its declarations; None when it is off.

    `dependencies` are the declarations of one package that count, such as the normal and the dev one.
    """
    given: set[str] = set()
    is_on = False
    for dependency in dependencies:
        if dependency.optional and f"dep:{dependency.name}" not in closed:
            continue
        is_on = True
        given.update(dependency.features)
        if dependency.default_features:
            given.add("default")
        for prefix in (f"{dependency.name}/", f"{dependency.name}?/"):
            given.update(value.removeprefix(prefix) for value in closed if value.startswith(prefix))
    return frozenset(given) if is_on else None


def enabled_features(workspace: Workspace, selection: Selection) -> Mapping[str, frozenset[str]]:
    """Give the features each reached package is built with, unified over the selection as resolver 2 does.

    A package that is built both for the target and for build scripts or procedural macros is shown as built for
    the target. Raise ValueError with Cargo's reason for an unknown package or feature.
    """
    legacy = workspace.resolver == "1"
    requested: dict[tuple[str, bool], set[str]] = {}
    for name, features in _requested(workspace, selection).items():
        requested[name, False] = set(features)
        if workspace.packages[name].proc_macro and not legacy:
            requested[name, True] = set(features)
    built = _unify(workspace, requested, selection, legacy=legacy)
    return {name: frozenset(built.get((name, False), built[name, host])) for name, host in built}


def check_request(workspace: Workspace, selection: Selection) -> None:
    """Raise ValueError with Cargo's reason when the selection names a package or feature that is not there."""
    _requested(workspace, selection)


def _requested(workspace: Workspace, selection: Selection) -> dict[str, set[str]]:
    """Give each selected package the requested features that are its own, as `cargo -p a -p b --features f` does."""
    unmatched = set(selection.features)
    requested: dict[str, set[str]] = {}
    for name in selection.packages:
        package = workspace.packages.get(name)
        if package is None:
            raise ValueError(f"package ID specification `{name}` did not match any packages")
        features = set(package.features) if selection.all_features else set()
        if selection.default_features and "default" in package.features:
            features.add("default")
        dependencies = {dependency.name for dependency in package.dependencies}
        for feature in selection.features:
            head, slash, tail = feature.partition("/")
            if (not slash and feature in package.features) or (slash and head.removesuffix("?") in dependencies):
                _check_forwarded(workspace, package, head.removesuffix("?"), tail)
                features.add(feature)
            elif slash and head == name and tail in package.features:
                features.add(tail)
            else:
                continue
            unmatched.discard(feature)
        requested[name] = features
    if unmatched and not selection.all_features:
        raise ValueError(_missing_feature(selection, sorted(unmatched)))
    return requested


def _check_forwarded(workspace: Workspace, package: Package, key: str, feature: str) -> None:
    """Raise ValueError when `key/feature` asks a package of the repository for a feature that it does not have."""
    for dependency in package.dependencies:
        owner = workspace.packages.get(dependency.package)
        if feature and dependency.name == key and dependency.path and owner and feature not in owner.features:
            raise ValueError(f"`{key}`, a dependency of `{package.name}`, has no feature `{feature}`")


def _missing_feature(selection: Selection, missing: Sequence[str]) -> str:
    plural = "this feature" if len(missing) == 1 else "these features"
    if len(selection.packages) == 1:
        return f"the package '{selection.packages[0]}' does not contain {plural}: {', '.join(missing)}"
    return f"none of the selected packages contains {plural}: {', '.join(missing)}"


def _unify(
    workspace: Workspace, requested: dict[tuple[str, bool], set[str]], selection: Selection, *, legacy: bool
) -> dict[tuple[str, bool], set[str]]:
    """Hand features from package to package until nothing changes; a key is (package, built for the host)."""
    packages = {**{package.name: package for package in workspace.others}, **workspace.packages}
    wanted = requested
    built: dict[tuple[str, bool], set[str]] = {}
    queue = list(requested)
    while queue:
        name, host = queue.pop()
        package = packages[name]
        closed = close_features(package, wanted[name, host])
        built[name, host] = {feature for feature in closed if feature in package.features}
        for dependency in package.dependencies:
            if dependency.kind == "dev" and not (selection.dev and name in selection.packages):
                continue
            other = workspace.package_at(dependency.path) if dependency.path is not None else None
            if other is None or not (legacy or dependency.on_platform):
                continue
            given = dependency_features(closed, (dependency,))
            if given is None:
                continue
            key = (other.name, not legacy and (host or dependency.kind == "build" or other.proc_macro))
            if key not in wanted or not given <= wanted[key]:
                wanted.setdefault(key, set()).update(given)
                queue.append(key)
    return built
