"""The module tree of every Cargo target: which file is mounted where, and under which cfg. Resolved only as asked.

Source: the Rust reference, chapter Modules (source filenames, the path attribute), and what rustc does beyond it: a
file read through `#[path]` or `include!` counts as a `mod.rs`, and a `mod` in an included file starts at its folder.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.model import UnreadableError
from pytest_mens.target import globs
from pytest_mens.target.beneath import to_bytes
from pytest_mens.views import cargo, cfg, rust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import CargoTarget, Package
    from pytest_mens.views.cfg import Predicate
    from pytest_mens.views.rust import Function, RustFile

_DEPTH = 100
"""Levels of modules that are followed."""
_FILES = 50_000
"""Placements of one Cargo target that are followed; a file mounted twice at each of many levels multiplies."""


@dataclass(frozen=True)
class Placement:
    """One place at which a file is part of a crate. `module` is the module path without the crate name.

    `cfg` is the conjunction from the crate root down to the file, its own inner `#![cfg]` included. An `include!`d
    file has the module path of the file that includes it (`included` is then true). `directory` and `offset` are
    where its own modules are looked for: `#[path]` in `directory`, `mod x;` in the folder `offset` of it, if any.
    """

    package: Package
    target: CargoTarget
    file: str
    module: tuple[str, ...]
    cfg: Predicate
    included: bool = False
    directory: str = ""
    offset: str = ""


def placements(target: Target, path: str) -> tuple[Placement, ...]:
    """Give every place at which `path` is reachable from a crate root, none for a dead file. Holes raise nothing.

    Looks for declarations in the files of the package that holds `path`; only when there is none, in other packages.
    """
    return _Search(target, target.view(_memo)).placements(path)


def files_of(target: Target, package: Package, cargo_target: CargoTarget) -> tuple[Placement, ...]:
    """Give all files of one Cargo target, each before those it declares, in the order of declaration."""
    memo = target.view(_memo)
    key = (package, cargo_target)
    if key not in memo.trees:
        memo.trees[key] = tuple(_descend(target, package, cargo_target))
    return memo.trees[key]


@dataclass(frozen=True)
class Item:
    """A function where it stands in a crate. `path` is the full path such as `mens::tensor::tests::name`.

    `path` is written as the test harness does: a segment that is a keyword keeps its `r#`. A function inside the
    body of another one is `nested`: its path runs through that function, and no harness collects it.
    """

    function: Function
    file: RustFile
    placement: Placement
    path: str
    cfg: Predicate
    nested: bool = False


def items(target: Target, placement: Placement) -> Iterator[Item]:
    """Give the functions of a placed file with their full module path and effective cfg."""
    file = rust.file(target, placement.file)
    around: list[Function] = []
    for function in rust.functions(file):
        while around and around[-1].node.end_byte <= function.node.start_byte:
            around.pop()
        outer = tuple(enclosing.name for enclosing in around)
        owner = (function.owner,) if function.owner else ()
        names = (*placement.module, *function.scope, *outer, *owner, function.name)
        condition = cfg.conjoin((placement.cfg, rust.local_cfg(file, function.node)))
        yield Item(function, file, placement, shown_path(names), condition, bool(around))
        around.append(function)


def find_module(target: Target, package: Package, pattern: str) -> tuple[Placement, ...]:
    """Give the files that make up a module of the package's library: `lora`, `mens::tensor::lora`, `**::lora`.

    Included files belong to the module that includes them and are given too; the files of its child modules are not.
    `**` stands for any number of segments, `*` for any characters of one.
    """
    library = package.target("lib")
    if library is None:
        return ()
    wanted = _module_regex(pattern)
    return tuple(place for place in files_of(target, package, library) if wanted.fullmatch("::".join(place.module)))


_KEYWORDS = re.compile(
    "abstract|as|async|await|become|box|break|const|continue|do|dyn|else|enum|extern|false|final|fn|for|gen|if|impl|in"
    "|let|loop|macro|match|mod|move|mut|override|priv|pub|ref|return|static|struct|trait|true|try|type|typeof|unsafe"
    "|unsized|use|virtual|where|while|yield"
)


def shown_path(names: Iterable[str]) -> str:
    """Join the segments of a path as rustc shows it: keywords as raw identifiers."""
    return "::".join(f"r#{name}" if _KEYWORDS.fullmatch(name) else name for name in names)


def _module_regex(pattern: str) -> re.Pattern[str]:
    parts = []
    for segment in pattern.split("::"):
        if segment == "**":
            parts.append(r"(?:\w+::)*")
        else:
            parts.append(re.escape(segment).replace(r"\*", r"\w*") + "::")
    text = "".join(parts)
    return re.compile(text.removesuffix("::") if text.endswith("::") else text.removesuffix("*") + r"*\w+")


# --- What a file declares ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Hints:
    """What the bytes of a file suggest that it declares; a superset of what it does, cheap to have."""

    outline: frozenset[bytes] = frozenset()
    """The names before a `;` in `mod x;`."""
    inline: frozenset[bytes] = frozenset()
    mounted: frozenset[bytes] = frozenset()
    """The base names in `path = ".."` and `include!("..")`."""
    included: tuple[str, ...] = ()
    by_path: bool = False
    computed: bool = False
    """It includes something whose name is not plainly written."""
    inner_cfg: bool = False
    unread: bool = False


_NOTHING = _Hints()
_MOD = re.compile(rb"mod\s+(?:r#)?([A-Za-z_\x80-\xff][\w\x80-\xff]*)\s*([;{/#])")
_PATH = re.compile(rb'path\s*=\s*r?#*"([^"\n]*)"')
_INCLUDE = re.compile(rb'include!\s*[(\[{]\s*(?:r?#*"([^"\n]*)"|(?:\w+::)?concat!(?!\s*.\s*env!\s*.\s*"OUT_DIR"))')
_INNER_CFG = re.compile(rb"#\s*!\s*\[\s*cfg")


def _hints(target: Target, path: str) -> _Hints:
    try:
        data = target.data(path)
    except UnreadableError:
        return _Hints(unread=True)
    inner_cfg = _INNER_CFG.search(data) is not None
    modules = _MOD.findall(data) if b"mod" in data else []
    named = _PATH.findall(data)
    includes = _INCLUDE.findall(data)
    if not (modules or named or includes):
        return _Hints(inner_cfg=True) if inner_cfg else _NOTHING
    return _Hints(
        frozenset(name for name, mark in modules if mark != b"{"),
        frozenset(name for name, mark in modules if mark != b";"),
        frozenset(name.rpartition(b"/")[2] for name in (*named, *includes) if name),
        tuple(name.decode("utf-8", "replace") for name in includes if name),
        bool(named),
        b"" in includes,
        inner_cfg,
    )


class _Option(NamedTuple):
    """One reading of a `#[path]` attribute under `cfg_attr`: under `cfg` the path is `path`, None the default one."""

    cfg: Predicate
    path: str | None


class _Inline(NamedTuple):
    name: str
    options: tuple[_Option, ...]


class _Declaration(NamedTuple):
    """`mod name;`, or (name is empty) an `include!` at the place of an item."""

    name: str
    scope: tuple[_Inline, ...]
    cfg: Predicate
    options: tuple[_Option, ...]


_MANIFEST_DIR = "\0"
"""Begins a path that starts at the folder of the package."""
_DEFAULT = (_Option(cfg.TRUE, None),)


def _declarations(target: Target, path: str) -> tuple[_Declaration, ...]:
    hints = target.file_view(_hints, path)
    if not (hints.outline or hints.mounted or hints.computed or hints.unread):
        return ()
    file = rust.file(target, path)
    return tuple(_declared(file, file.root, (), cfg.TRUE))


def _declared(file: RustFile, container: Node, scope: tuple[_Inline, ...], around: Predicate) -> Iterator[_Declaration]:
    """Give what stands directly in a file or an inline module; bodies of functions hold no module of the crate."""
    for child in container.named_children:
        if child.type == "mod_item":
            name = rust.name_of(file, child)
            options = tuple(_options(file, child))
            body = child.child_by_field_name("body")
            if body is not None:
                yield from _declared(file, body, (*scope, _Inline(name, options)), around)
            elif name:
                yield _Declaration(name, scope, cfg.conjoin((around, rust.local_cfg(file, child))), options)
            continue
        call = child.named_children[0] if child.type == "expression_statement" and child.named_children else child
        if call.type == "macro_invocation":
            yield from _from_macro(file, call, scope, cfg.conjoin((around, rust.local_cfg(file, child))))


def _options(file: RustFile, module: Node) -> Iterator[_Option]:
    """Read the `path` attributes, plain and under `cfg_attr`: the first one that holds counts."""
    remaining: list[Predicate] = []
    for attribute in rust.attributes(file, module):
        if attribute.path == "path" and attribute.value is not None:
            found = [_Option(cfg.TRUE, attribute.value)]
        elif attribute.path == "cfg_attr" and "path" in attribute.args:
            found = list(_conditional_paths(attribute.args))
        else:
            continue
        for condition, path in found:
            yield _Option(cfg.conjoin((*remaining, condition)), path)
            remaining.append(cfg.negate(condition))
    last = cfg.conjoin(remaining)
    if last != cfg.FALSE:
        yield _Option(last, None)


def _conditional_paths(args: str) -> Iterator[_Option]:
    try:
        condition, attributes = cfg.parse_attr(args)
    except ValueError:
        return
    for text in attributes:
        nested = re.fullmatch(r"cfg_attr\s*\((.*)\)", text, re.DOTALL)
        if nested:
            for inner, path in _conditional_paths(nested[1]):
                yield _Option(cfg.conjoin((condition, inner)), path)
        elif re.match(r"path\s*=", text):
            try:
                value = cfg.parse(text)  # `path = "x"` is spelled like an atom
            except ValueError:
                continue
            if isinstance(value, cfg.Atom):
                yield _Option(condition, value.value)


def _from_macro(file: RustFile, call: Node, scope: tuple[_Inline, ...], around: Predicate) -> Iterator[_Declaration]:
    """Read `include!`, and modules declared in the body of another macro: `cfg_if!`, or one that repeats its body."""
    name = file.text_of(call.children[0]).rpartition("::")[2].strip()
    body = call.children[-1]
    if name == "include":
        path = _literal(file, body.children[1:-1])
        if path is not None:
            yield _Declaration("", scope, around, (_Option(cfg.TRUE, path),))
    elif name not in {"macro_rules", "quote"} and _MOD.search(file.source, body.start_byte, body.end_byte):
        if name == "cfg_if":
            for condition, block in _branches(file, body):
                yield from _spliced(file, block, scope, cfg.conjoin((around, condition)))
        elif file.source[body.start_byte : body.start_byte + 1] == b"{":
            yield from _spliced(file, body, scope, around)


def _spliced(file: RustFile, block: Node, scope: tuple[_Inline, ...], around: Predicate) -> Iterator[_Declaration]:
    part = rust.parse(file.text_of(block)[1:-1], file.path)
    yield from _declared(part, part.root, scope, around)


def _branches(file: RustFile, body: Node) -> Iterator[tuple[Predicate, Node]]:
    """Give the blocks of `cfg_if! { if #[cfg(p)] {..} else if #[cfg(q)] {..} else {..} }`, each with its condition."""
    earlier: list[Predicate] = []
    condition: Predicate = cfg.TRUE
    for child in body.children[1:-1]:
        text = file.text_of(child)
        if child.type == "token_tree" and text.startswith("["):
            inside = re.fullmatch(r"\[\s*cfg\s*\((.*)\)\s*\]", text, re.DOTALL)
            try:
                condition = cfg.parse(inside[1]) if inside else cfg.TRUE
            except ValueError:
                condition = cfg.TRUE
        elif child.type == "token_tree" and text.startswith("{"):
            yield cfg.conjoin((*earlier, condition)), child
            earlier.append(cfg.negate(condition))
            condition = cfg.TRUE


def _literal(file: RustFile, tokens: list[Node]) -> str | None:
    """Evaluate the argument of `include!`: a literal, `concat!` of such, `env!("CARGO_MANIFEST_DIR")`; else None."""
    tokens = [token for token in tokens if token.type not in {"line_comment", "block_comment"}]
    if tokens and tokens[-1].type == ",":
        tokens.pop()
    if len(tokens) == 1:
        if tokens[0].type in {"string_literal", "raw_string_literal"}:
            return rust.string(file, tokens[0]).value
        return file.text_of(tokens[0]) if tokens[0].type in {"integer_literal", "boolean_literal"} else None
    if len(tokens) < 3 or tokens[-1].type != "token_tree" or tokens[-2].type != "!":
        return None
    inside = tokens[-1].children[1:-1]
    name = file.text_of(tokens[-3])
    if name == "env":
        return _MANIFEST_DIR if _literal(file, inside) == "CARGO_MANIFEST_DIR" else None
    if name != "concat":
        return None
    parts = [_literal(file, group) for group in _groups(inside)]
    known = [part for part in parts if part is not None]
    return "".join(known) if len(known) == len(parts) else None


def _groups(tokens: list[Node]) -> list[list[Node]]:
    groups: list[list[Node]] = [[]]
    for token in tokens:
        if token.type == ",":
            groups.append([])
        else:
            groups[-1].append(token)
    return [group for group in groups if group]


# --- Where a declaration leads -----------------------------------------------------------------------------------


def _root(target: Target, package: Package, cargo_target: CargoTarget) -> Placement:
    path = cargo_target.path
    return Placement(package, cargo_target, path, (), _inner_cfg(target, path), directory=posixpath.dirname(path))


def _inner_cfg(target: Target, path: str) -> Predicate:
    if not target.file_view(_hints, path).inner_cfg:
        return cfg.TRUE
    file = rust.file(target, path)
    return rust.local_cfg(file, file.root)


class _Mount(NamedTuple):
    """A file that a declaration leads to."""

    path: str
    module: tuple[str, ...]
    cfg: Predicate
    offset: str
    included: bool


def _mounts(target: Target, place: Placement) -> Iterator[_Mount]:
    """Give what a placed file declares; a file that is not there is a hole and left out."""
    for declaration in target.file_view(_declarations, place.file):
        module = (*place.module, *(inline.name for inline in declaration.scope))
        for option in declaration.options:
            around = cfg.conjoin((place.cfg, declaration.cfg, option.cfg))
            if not declaration.name:
                path = _included(place, option.path or "")
                if target.exists(path):
                    yield _Mount(path, module, around, "", included=True)
                continue
            inner = (*module, declaration.name)
            for condition, directory, offset in _directories(place, declaration.scope):
                path, below = _resolved(target, directory, offset, declaration.name, option.path)
                if target.exists(path):
                    yield _Mount(path, inner, cfg.conjoin((around, condition)), below, included=False)


def _resolved(target: Target, directory: str, offset: str, name: str, path: str | None) -> tuple[str, str]:
    """Give the file of a module, and the offset at which its own modules are looked for."""
    if path is not None:
        return join(directory, path), ""
    base = join(directory, offset)
    plain = join(base, f"{name}.rs")
    return (plain, name) if target.exists(plain) else (join(base, f"{name}/mod.rs"), "")


def _placed(target: Target, place: Placement, mount: _Mount) -> Placement:
    path, module, around, offset, included = mount
    condition = cfg.conjoin((around, _inner_cfg(target, path)))
    directory = posixpath.dirname(path)
    return Placement(place.package, place.target, path, module, condition, included, directory, offset)


def _directories(place: Placement, scope: tuple[_Inline, ...]) -> list[tuple[Predicate, str, str]]:
    """Give where the modules inside inline modules are looked for; several when a `path` stands under `cfg_attr`."""
    found: list[tuple[Predicate, str, str]] = [(cfg.TRUE, place.directory, place.offset)]
    for name, options in scope:
        found = [
            (cfg.conjoin((around, option.cfg)), _inside(directory, offset, name, option.path), "")
            for around, directory, offset in found
            for option in options
        ]
    return found


def _inside(directory: str, offset: str, name: str, path: str | None) -> str:
    return join(join(directory, offset), name) if path is None else join(directory, path)


def _included(place: Placement, path: str) -> str:
    if path.startswith(_MANIFEST_DIR):
        return join(place.package.root, path.removeprefix(_MANIFEST_DIR).lstrip("/"))
    return join(posixpath.dirname(place.file), path)


def named_by(path: str) -> str:
    """Give the name of the module that a file is by where it stands: its own, or of `mod.rs` its folder's."""
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[2] if name == "mod.rs" else name.removesuffix(".rs")


def join(folder: str, path: str) -> str:
    """Give the path that `path`, written in `folder`, leads to."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined


# --- Down from a root, and up from a file ------------------------------------------------------------------------


@dataclass
class _Memo:
    """What was resolved so far for one target."""

    roots: dict[str, list[tuple[Package, CargoTarget]]]
    trees: dict[tuple[Package, CargoTarget], tuple[Placement, ...]] = field(default_factory=dict)
    placed: dict[str, tuple[Placement, ...]] = field(default_factory=dict)
    possible: dict[str, frozenset[str]] = field(default_factory=dict)
    mounts: dict[int, dict[str, list[_Mount]]] = field(default_factory=dict)
    foreign: dict[bytes, list[str]] | None = None
    declarers: dict[str, _Declarers] = field(default_factory=dict)


def _memo(target: Target) -> _Memo:
    roots: dict[str, list[tuple[Package, CargoTarget]]] = {}
    for package in cargo.workspace(target).all_packages:
        for cargo_target in package.targets:
            roots.setdefault(cargo_target.path, []).append((package, cargo_target))
    return _Memo(roots)


def _descend(target: Target, package: Package, cargo_target: CargoTarget) -> Iterator[Placement]:
    if not target.exists(cargo_target.path):
        return
    stack: list[tuple[Placement, tuple[str, ...]]] = [(_root(target, package, cargo_target), ())]
    count = 0
    while stack:
        place, chain = stack.pop()
        if place.file in chain:
            continue
        count += 1
        if len(chain) > _DEPTH or count > _FILES:
            raise UnreadableError(place.file, f"modules beyond {_DEPTH} levels or {_FILES} files")
        yield place
        below = [(_placed(target, place, mount), (*chain, place.file)) for mount in _mounts(target, place)]
        stack.extend(reversed(below))


@dataclass
class _Declarers:
    """The files of a package by what they may declare."""

    by_name: dict[bytes, list[str]]
    by_mount: dict[bytes, list[str]]
    computed: list[str]
    unread: list[str]


_NOWHERE = cargo.CargoTarget("", "lib", "")


@dataclass
class _Search:
    """The way up from a file to the roots that reach it."""

    target: Target
    memo: _Memo
    active: list[str] = field(default_factory=list)

    def placements(self, path: str) -> tuple[Placement, ...]:
        if path in self.memo.placed:
            return self.memo.placed[path]
        if path in self.active:
            return ()
        if len(self.active) > _DEPTH:
            raise UnreadableError(path, f"modules beyond {_DEPTH} levels")
        self.active.append(path)
        try:
            found = self.find(path)
        finally:
            self.active.pop()
        self.memo.placed[path] = found
        return found

    def find(self, path: str) -> tuple[Placement, ...]:
        roots = self.memo.roots.get(path, ()) if self.target.exists(path) else ()
        found = [_root(self.target, package, cargo_target) for package, cargo_target in roots]
        workspace = cargo.workspace(self.target)
        own = workspace.package_of(path)
        if own is not None:
            for candidate in self.candidates(own, path):
                found += self.declared_by(own, candidate, path)
        if not found:
            found += self.declared_elsewhere(own, path)
        return tuple(found)

    def declared_elsewhere(self, own: Package | None, path: str) -> Iterator[Placement]:
        """Look for a `#[path]` or `include!` that leads from another package here."""
        if self.memo.foreign is None:
            self.memo.foreign = _mount_index(self.target)
        for candidate in self.memo.foreign.get(to_bytes(path.rpartition("/")[2]), ()):
            package = cargo.workspace(self.target).package_of(candidate)
            if package is not None and package is not own:
                yield from self.declared_by(package, candidate, path)

    def declared_by(self, package: Package, candidate: str, path: str) -> Iterator[Placement]:
        """Give the places that `path` has because of what `candidate` declares."""
        if path in self.possible(package, candidate):
            for place in self.placements(candidate):
                for mount in self.mounts(place).get(path, ()):
                    yield _placed(self.target, place, mount)

    def mounts(self, place: Placement) -> dict[str, list[_Mount]]:
        """Give what a placed file declares, by file. Placements live as long as the memo, so `id` is a key."""
        if id(place) not in self.memo.mounts:
            found: dict[str, list[_Mount]] = {}
            for mount in _mounts(self.target, place):
                found.setdefault(mount.path, []).append(mount)
            self.memo.mounts[id(place)] = found
        return self.memo.mounts[id(place)]

    def possible(self, package: Package, path: str) -> frozenset[str]:
        """Give the files that `path` declares, wherever it may stand itself: as a `mod.rs`, or by its own name."""
        if path not in self.memo.possible:
            folder, _, name = path.rpartition("/")
            readings = (
                Placement(package, _NOWHERE, path, (), cfg.TRUE, directory=folder, offset=offset)
                for offset in ("", name.removesuffix(".rs"))
            )
            mounts = (mount for reading in readings for mount in _mounts(self.target, reading))
            self.memo.possible[path] = frozenset(mount.path for mount in mounts)
        return self.memo.possible[path]

    def candidates(self, package: Package, path: str) -> list[str]:
        """Give the files of `package` that may declare `path`, as far as their bytes tell."""
        declarers = self.declarers(package)
        folder, _, base = path.rpartition("/")
        name = base.removesuffix(".rs")
        if base == "mod.rs":
            folder, _, name = folder.rpartition("/")
        by_name = declarers.by_name.get(to_bytes(name), ()) if base.endswith(".rs") else ()
        found = [*by_name, *declarers.unread]
        found = [file for file in found if self.may_reach(file, folder)]
        found += declarers.by_mount.get(to_bytes(base), ())
        found += declarers.computed
        return [file for file in dict.fromkeys(found) if file != path]

    def may_reach(self, file: str, folder: str) -> bool:
        """Tell whether a `mod x;` in `file` may lead into `folder`: only below, through its stem and inline modules."""
        base, _, name = file.rpartition("/")
        hints = self.target.file_view(_hints, file)
        if hints.by_path:
            return True
        if folder != base and base and not folder.startswith(base + "/"):
            return False
        rest = [segment for segment in folder[len(base) :].split("/") if segment]
        if rest and rest[0] + ".rs" == name:
            rest = rest[1:]
        return all(to_bytes(segment) in hints.inline for segment in rest)

    def declarers(self, package: Package) -> _Declarers:
        if package.root not in self.memo.declarers:
            self.memo.declarers[package.root] = _index(self.target, package)
        return self.memo.declarers[package.root]


def _index(target: Target, package: Package) -> _Declarers:
    index = _Declarers({}, {}, [], [])
    queue = _sources(target, package)
    seen = set(queue)
    while queue:
        path = queue.pop()
        hints = target.file_view(_hints, path)
        if hints.unread:
            index.unread.append(path)
        if hints.computed:
            index.computed.append(path)
        for name in hints.outline:
            index.by_name.setdefault(name, []).append(path)
        for name in hints.mounted:
            index.by_mount.setdefault(name, []).append(path)
        for relative in hints.included:  # included files need not end in .rs
            included = join(posixpath.dirname(path), relative)
            if included not in seen and target.exists(included):
                seen.add(included)
                queue.append(included)
    return index


def _mount_index(target: Target) -> dict[bytes, list[str]]:
    """Give the .rs files of the repository by the base names in their `#[path]` and `include!`."""
    found: dict[bytes, list[str]] = {}
    for path in target.paths:
        if path.endswith(".rs"):
            try:
                data = target.data(path)
            except UnreadableError:  # what a package's own search needs, it reads again
                continue
            for name in (*_PATH.findall(data), *_INCLUDE.findall(data)):
                found.setdefault(name.rpartition(b"/")[2], []).append(path)
    return found


def _sources(target: Target, package: Package) -> list[str]:
    """Give the .rs files of a package, without those of packages inside its folder."""
    prefix = package.root + "/" if package.root else ""
    inner = tuple(
        other.root + "/"
        for other in cargo.workspace(target).all_packages
        if other is not package and other.root.startswith(prefix)
    )
    own = globs.below(target.paths, package.root)
    return [path for path in own if path.endswith(".rs") and not (inner and path.startswith(inner))]
