"""Who reads an environment variable: Rust code, a registry of variables and its users, clap options, scripts.

A name in a comment, a message, a list of known names or a call that sets the variable is no read, and neither is one
in test code. Rust is judged by its tokens (comments and strings known for what they are), not parsed: the question is
asked of many variables, and each occurs in a few large files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.views import placed, plain, rust_text
from pytest_mens.views.clap_syntax import rename

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_mens.target import Target
    from pytest_mens.views.rust_text import Code

_READ_OF_NAME = re.compile(
    r"\bvar(?:_os)?\s*\(\s*[&*]*[a-z]\w*\s*\)|\.(?:find_map|filter_map|map|any)\([^)]*\bvar(?:_os)?\b"
)
_CONSTANT = re.compile(r"\b(?:const|static)\s+(\w+)\s*:\s*&\s*(?:'static\s+)?str\s*=\s*$")
_CLAP_OPTION = re.compile(r"\benv\s*=\s*$")
_ALL = re.compile(r"\benv\s*::\s*vars(?:_os)?\s*\(\s*\)")
_LOOK_UP = re.compile(r"\.(?:get|remove|contains_key)$")
_COMPARED = re.compile(r"[!=]=\s*[&*]*$")
_COMPARES = re.compile(r"\s*(?:[!=]=|(?:\|[^{};]*)?=>)")
_FUNCTION = re.compile(r"\bfn\b")
_FIELD = re.compile(r"(\w+)\s*:\s*(?:&\s*\[[^\]]*)?$")
_READ = re.compile(r"\b(?:env::)?(?:var|var_os)$|\b(?:option_)?env!$")


@dataclass(frozen=True)
class Registry:
    """How a registry of variables is written: structs with a member of `enum`, the names in `fields`, in `files`.

    A variable that an entry names is read where its member is used outside `files`. `scripts` are programs in a
    language of the repository's own, which read a variable by `env.get("NAME")`.
    """

    enum: str = ""
    fields: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


_NONE = Registry()


@dataclass(frozen=True, order=True)
class Read:
    """One place that reads a variable."""

    path: str
    line: int
    column: int


def readers(target: Target, name: str, registry: Registry = _NONE) -> tuple[Read, ...]:
    """Give the places that read the variable; enough to tell that there is one, not necessarily all."""
    return _index(target, _prefix(name), registry).readers(name)


def registered(target: Target, name: str, registry: Registry) -> tuple[Read, ...]:
    """Give the places at which the registry names the variable."""
    return tuple(_index(target, _prefix(name), registry).entries(name))


def mentioned(target: Target, name: str, registry: Registry = _NONE) -> tuple[Read, ...]:
    """Give the places where Rust code holds the name as a string, reading it or not."""
    return tuple(_index(target, _prefix(name), registry).named(name))


def unregistered(target: Target, name: str, registry: Registry) -> tuple[Read, ...]:
    """Give the uses of the member that is spelled like the variable although the registry has no entry for it."""
    index = _index(target, _prefix(name), registry)
    member = rename(name, "PascalCase")
    return () if index.has_entry(member) else tuple(index.uses(member))


def taken_for(target: Target, name: str, use: Read) -> bool:
    """Tell whether the statement that uses a member names the variable too, so that it means to read it."""
    source = rust_text.code(target, use.path)
    start = source.offset(use.line, use.column)
    return f'"{name}"' in source.code[start : source.item_end(start)]


def names_read(target: Target, path: str, prefix: str, registry: Registry = _NONE) -> frozenset[str]:
    """Give the variables that begin with `prefix` and that the file `path` itself reads."""
    return _index(target, prefix, registry).names_read(path)


def _prefix(name: str) -> str:
    return name.partition("_")[0] + "_"


def _index(target: Target, prefix: str, registry: Registry) -> _Index:
    indexes = target.view(_indexes)
    key = (prefix, registry)
    if key not in indexes:
        indexes[key] = _Index(target, prefix, registry)
    return indexes[key]


def _indexes(_target: Target) -> dict[tuple[str, Registry], _Index]:
    return {}


def _members(_target: Target) -> dict[Registry, dict[str, list[str]]]:
    return {}


def _users(target: Target, registry: Registry) -> dict[str, list[str]]:
    own = set(target.glob(*registry.files))
    needle = f"{registry.enum}::".encode()
    pattern = re.compile(needle + rb"(\w+)")
    found: dict[str, list[str]] = {}
    for path in target.containing((needle,), target.glob("*.rs")):
        if path not in own and not rust_text.test_file(path):
            for member in set(pattern.findall(target.data(path))):
                found.setdefault(member.decode(), []).append(path)
    return found


class _Index:
    """Where the variables with one prefix are named, and what reads them."""

    def __init__(self, target: Target, prefix: str, registry: Registry) -> None:
        self.target = target
        self.prefix = prefix
        self.registry = registry
        self._found: dict[str, tuple[Read, ...]] = {}
        self._wrappers: dict[str, bool] = {}

    @cached_property
    def mentions(self) -> dict[str, list[str]]:
        """Give the Rust files that hold each name as a whole string literal."""
        quoted = re.compile(rb'"(' + self.prefix.encode() + rb'[A-Z0-9_]+)"')
        found: dict[str, list[str]] = {}
        for path in self.target.containing((b'"' + self.prefix.encode(),), self.target.glob("*.rs")):
            if not rust_text.test_file(path):
                for name in set(quoted.findall(self.target.data(path))):
                    found.setdefault(name.decode(), []).append(path)
        return found

    @cached_property
    def scripts(self) -> dict[str, list[Read]]:
        """Give the reads in scripts, by name."""
        found: dict[str, list[Read]] = {}
        own = set(self.target.glob(*self.registry.scripts)) if self.registry.scripts else frozenset()
        paths = dict.fromkeys([*self.target.glob(*_SCRIPTS), *sorted(own)])
        for path in self.target.containing((self.prefix.encode(),), paths):
            for name, read in _script_reads(path, self.target.text(path), self.prefix, own=path in own):
                found.setdefault(name, []).append(read)
        return found

    def readers(self, name: str) -> tuple[Read, ...]:
        """Give the first file's reads: Rust code, then the registry's users, then scripts."""
        if name not in self._found:
            self._found[name] = (
                tuple(self._rust(name)) or tuple(self._registry(name)) or tuple(self.scripts.get(name, ()))
            )
        return self._found[name]

    def named(self, name: str) -> Iterator[Read]:
        """Give the places where Rust code holds the name as a string."""
        for path in self.mentions.get(name, ()):
            source = rust_text.code(self.target, path)
            yield from (Read(path, *source.place(start)) for start in plain.occurrences(source.code, f'"{name}"'))

    def _rust(self, name: str) -> Iterator[Read]:
        for path in self.mentions.get(name, ()):
            source = rust_text.code(self.target, path)
            quoted = f'"{name}"'
            found = [
                Read(path, *source.place(start))
                for start in plain.occurrences(source.code, quoted)
                if not source.in_test(start) and self._reads(path, source, start, start + len(quoted))
            ]
            if found and placed.is_live(self.target, path):
                yield from found
                return

    def _reads(self, path: str, source: Code, start: int, end: int) -> bool:
        """Tell whether the string at `start` is what a call reads: itself, through a constant or a list."""
        before = source.bare[max(start - 200, 0) : start]
        constant = _CONSTANT.search(before)
        if constant:
            return self._constant_read(path, constant.group(1))
        if _picked_from_all(source, start, end):
            return True
        opening = source.opening(start)
        if opening < 0:
            return False
        if source.bare[opening] == "(":
            return bool(_CLAP_OPTION.search(before)) or self._callee_reads(path, _callee(source.bare, opening))
        return source.bare[opening] == "[" and self._list_read(path, source, opening, end)

    def _list_read(self, path: str, source: Code, opening: int, end: int) -> bool:
        """Tell whether the list that opens at `opening` is handed to a reader, or walked beside a read."""
        outer = source.opening(opening)
        if outer >= 0 and source.bare[outer] == "(" and self._callee_reads(path, _callee(source.bare, outer)):
            return True
        first, last = source.block(opening)
        return end < last and _READ_OF_NAME.search(source.bare, first, last) is not None

    def _callee_reads(self, path: str, callee: str) -> bool:
        if _READ.search(callee):
            return True
        name = callee.rpartition("::")[2]
        if not re.fullmatch(r"[a-z_]\w*!?", name) or "." in callee:
            return False
        if name not in self._wrappers:
            self._wrappers[name] = False  # while it is being decided: calling itself makes a function no reader
            self._wrappers[name] = self._wraps(path, name)
        return self._wrappers[name]

    def _wraps(self, path: str, name: str) -> bool:
        """Tell whether the function or macro `name` reads the variable that its argument names."""
        bare = name.removesuffix("!")
        word = "macro_rules! " if name.endswith("!") else "fn "
        here = self.target.containing((f"{word}{bare}".encode(),), [path])
        for candidate in here or self.target.containing((f"{word}{bare}".encode(),), self._env_files):
            source = rust_text.code(self.target, candidate)
            for match in re.finditer(rf"\b{re.escape(word)}{bare}\b", source.bare):
                body = source.bare[match.end() : source.item_end(match.end())]
                if re.search(r"\bvar(?:_os)?\s*\(\s*[&*$]*[a-z]\w*", body):
                    return True
                calls = re.findall(r"\b([a-z_][\w:]*)\(\s*[&*]*[a-z]\w*\s*[,)]", body)
                if any(self._callee_reads(candidate, call) for call in calls if call != bare and "env" in call):
                    return True
        return False

    @cached_property
    def _env_files(self) -> tuple[str, ...]:
        return tuple(self.target.containing((b"env::var",), self.target.glob("*.rs")))

    def _constant_read(self, path: str, name: str) -> bool:
        """Tell whether a constant is read, in its own file or elsewhere."""
        use = re.compile(rf"([\w:!]+)\s*\(\s*&?(?:\w+\s*::\s*)*{name}\b")
        everything = self.target.glob("*.rs")
        crate = path.partition("/src/")[0] + "/"
        near = [other for other in everything if other.startswith(crate)]
        return any(
            self._constant_read_in(candidate, use)
            for paths in ([path], near, everything)
            for candidate in self.target.containing((name.encode(),), paths)
        )

    def _constant_read_in(self, path: str, use: re.Pattern[str]) -> bool:
        if rust_text.test_file(path):
            return False
        source = rust_text.code(self.target, path)
        return any(
            not source.in_test(match.start()) and self._callee_reads(path, match.group(1))
            for match in use.finditer(source.bare)
        )

    # the registry

    def _registry(self, name: str) -> Iterator[Read]:
        if not self.registry.enum:
            return
        for member in self.registered(name):
            found = list(self.uses(member))
            if found:
                yield from found
                return

    def uses(self, member: str) -> Iterator[Read]:
        """Give the first file's uses of a member outside the self.registry."""
        for path in self.members().get(member, ()):
            source = rust_text.code(self.target, path)
            found = [
                Read(path, *source.place(start))
                for start in plain.words(source.bare, f"{self.registry.enum}::{member}")
                if not source.in_test(start)
            ]
            if found and placed.is_live(self.target, path):
                yield from found
                return

    def entries(self, name: str) -> Iterator[Read]:
        """Give the places of the registry's entries for the variable."""
        for path, source, start in self._entries(name):
            yield Read(path, *source.place(start))

    def registered(self, name: str) -> Iterator[str]:
        """Give the members of the registry's enum whose entries name the variable."""
        for _, source, start in self._entries(name):
            entry = source.bare[source.bare.rfind("{", 0, start) : start]
            yield from re.findall(rf"\b{self.registry.enum}::(\w+)", entry)[:1]

    def has_entry(self, member: str) -> bool:
        """Tell whether an entry of the registry is the member's, whatever it names."""
        names = "|".join(self.registry.fields)
        pattern = re.compile(rf":\s*(?:\w+\s*::\s*)*{self.registry.enum}::{member}\b[^{{}}]*\b(?:{names})\s*:")
        needle = f"{self.registry.enum}::{member}".encode()
        own = self.target.containing((needle,), self.target.glob(*self.registry.files))
        return any(pattern.search(rust_text.code(self.target, path).bare) for path in own if path.endswith(".rs"))

    def _entries(self, name: str) -> Iterator[tuple[str, Code, int]]:
        """Give the files, with their tokens and the offsets, at which fields of the registry name the variable."""
        own = set(self.target.glob(*self.registry.files))
        for path in self.mentions.get(name, ()):
            if path not in own:
                continue
            source = rust_text.code(self.target, path)
            for start in plain.occurrences(source.code, f'"{name}"'):
                before = source.bare[max(start - rust_text.REACH, 0) : start]
                named = _FIELD.search(before)
                if named and named.group(1) in self.registry.fields and not source.in_test(start):
                    yield path, source, start

    def members(self) -> dict[str, list[str]]:
        """Give the files outside the registry that name each member of its enum."""
        known = self.target.view(_members)
        if self.registry not in known:
            known[self.registry] = _users(self.target, self.registry)
        return known[self.registry]

    # one file

    def names_read(self, path: str) -> frozenset[str]:
        """Give the variables that one file reads."""
        if not path.endswith(".rs"):
            return frozenset(name for name, reads in self.scripts.items() if any(read.path == path for read in reads))
        source = rust_text.code(self.target, path)
        found = {
            match.group(1)
            for match in re.finditer(rf'"({self.prefix}[A-Z0-9_]+)"', source.code)
            if not source.in_test(match.start()) and self._reads(path, source, match.start(), match.end())
        }
        if self.registry.enum and path not in self.target.glob(*self.registry.files):
            used = set(re.findall(rf"\b{self.registry.enum}::(\w+)", source.bare))
            if used:
                found |= {name for name in self.mentions if used & set(self.registered(name))}
        return frozenset(found)


def _picked_from_all(source: Code, start: int, end: int) -> bool:
    """Tell whether the name at `start` is looked for among all variables, which its function asks for before."""
    bare = source.bare
    if "vars" not in bare:
        return False
    opening = source.opening(start)
    looked_up = opening >= 0 and _LOOK_UP.search(_callee(bare, opening))
    if not (looked_up or _COMPARED.search(bare[max(start - 20, 0) : start]) or _COMPARES.match(bare, end)):
        return False
    first = start
    while (first := source.block(first)[0]) > 0:
        head = max(bare.rfind(mark, 0, first) for mark in ";{}") + 1
        if _ALL.search(bare, head, start):
            return True
        if _FUNCTION.search(bare, head, first):
            return False
    return False


def _callee(bare: str, opening: int) -> str:
    """Give the path or method before an opening parenthesis; a method keeps its dot."""
    match = re.search(r"([.\w:]+!?)\s*$", bare[max(opening - 120, 0) : opening])
    return match.group(1) if match else ""


_SCRIPTS = ("*.sh", "*.bash", "*.ps1", "*.psm1", "*.py", "justfile", "Makefile")
_SCRIPT_PATTERNS = (
    (("py",), re.compile(r"""\b(?:environ(?:\.get\(|\[)|getenv\()\s*["']([A-Z][A-Z0-9_]+)["'](?!\s*\]\s*=[^=])""")),
    (("ps1", "psm1"), re.compile(r"\$(?:\{env:|env:)([A-Z][A-Z0-9_]+)\}?(?!\s*=[^=]|\w)", re.IGNORECASE)),
    (("sh", "bash", "justfile", "Makefile"), re.compile(r"\$\{?([A-Z][A-Z0-9_]+)\b")),
)


_OWN_SCRIPT = re.compile(r"""\benv\.(?:get|var|get_or)\(\s*["']([A-Z][A-Z0-9_]+)["']""")


def _script_reads(path: str, text: str, prefix: str, *, own: bool) -> Iterator[tuple[str, Read]]:
    """Give the reads in a script: `env.get("X")`, `os.environ["X"]`, `$env:X`, `$X`; comment lines left out."""
    suffix = path.rpartition("/")[2].rpartition(".")[2]
    comment = "//" if own else "#"
    patterns = [_OWN_SCRIPT] if own else [pattern for kinds, pattern in _SCRIPT_PATTERNS if suffix in kinds]
    for number, line in enumerate(text.split("\n"), 1):
        if prefix not in line or line.lstrip().startswith(comment):
            continue
        for pattern in patterns:
            for match in pattern.finditer(_uncommented(line, comment)):
                if match.group(1).startswith(prefix):
                    yield match.group(1), Read(path, number, match.start(1) + 1)


def _uncommented(line: str, comment: str) -> str:
    """Cut a trailing comment: a marker after white space outside quotes."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif line.startswith(comment, at) and (at == 0 or line[at - 1].isspace()):
            return line[:at]
    return line


def documented(text: str, prefixes: Iterable[str]) -> Iterator[re.Match[str]]:
    """Give every variable with one of `prefixes` that a text names, not the file names that look like one."""
    start = "|".join(map(re.escape, prefixes))
    return re.finditer(rf"(?<![\w./-])(?:{start})[A-Z0-9]+(?:_[A-Z0-9]+)*(?![\w*/<]|\.\w|_\*)", text)
