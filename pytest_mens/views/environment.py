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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_mens.target import Target

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*(?:[^*/]|\*(?!/)|/(?!\*)|/\*(?:[^*]|\*(?!/))*\*/)*\*/)"
    r'|(?P<string>b?r(?P<hash>#*)".*?"(?P=hash)|b?"(?:[^"\\]|\\.)*")'
    r"|(?P<char>b?'(?:[^'\\\n]|\\[^\n]{1,10}?)')",
    re.DOTALL,
)
_READ = re.compile(r"\b(?:env::)?(?:var|var_os)$|\b(?:option_)?env!$")
_TEST_ATTRIBUTE = re.compile(r"#\s*\[\s*(?:cfg\s*\(\s*(?:test\b|all\s*\(\s*test\b)|(?:\w+\s*::\s*)*test\s*[\](])")
_TEST_FOLDERS = {"tests", "benches", "examples"}
_BEFORE = 400
"""Characters before a name in which the call that takes it begins."""


@dataclass(frozen=True)
class Registry:
    """How a registry of variables is written: structs with a member of `enum`, the names in `fields`, in `files`.

    A variable that an entry names is read where its member is used outside `files`.
    """

    enum: str
    fields: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Read:
    """One place that reads a variable."""

    path: str
    line: int
    column: int


def readers(target: Target, name: str, registry: Registry | None = None) -> tuple[Read, ...]:
    """Give the places that read the variable; enough to tell that there is one, not necessarily all."""
    return _index(target, name.partition("_")[0] + "_").readers(name, registry)


def names_read(target: Target, path: str, prefix: str, registry: Registry | None = None) -> frozenset[str]:
    """Give the variables that begin with `prefix` and that the file `path` itself reads."""
    return _index(target, prefix).names_read(path, registry)


def _index(target: Target, prefix: str) -> _Index:
    indexes = target.view(_indexes)
    if prefix not in indexes:
        indexes[prefix] = _Index(target, prefix)
    return indexes[prefix]


def _indexes(_target: Target) -> dict[str, _Index]:
    return {}


class _Source:
    """A Rust file with its comments blanked (`code`), its strings blanked too (`bare`), and where its tests are."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.code = _TOKEN.sub(lambda found: _blank(found) if found["comment"] else found[0], text)

    @cached_property
    def bare(self) -> str:
        """Give the code without strings and characters, at the same offsets."""
        return _TOKEN.sub(_blank, self.text)

    @cached_property
    def tests(self) -> tuple[tuple[int, int], ...]:
        """Give the extents of the items under `#[cfg(test)]` and `#[test]`."""
        if "test" not in self.bare:
            return ()
        found: list[tuple[int, int]] = []
        for match in _TEST_ATTRIBUTE.finditer(self.bare):
            if not found or match.start() >= found[-1][1]:
                found.append((match.start(), self._item_end(match.end())))
        return tuple(found)

    def _item_end(self, start: int) -> int:
        opening = re.compile(r"[{;]").search(self.bare, start)
        if opening is None or opening.group() == ";":
            return opening.end() if opening else len(self.bare)
        depth = 0
        for brace in re.compile(r"[{}]").finditer(self.bare, opening.start()):
            depth += 1 if brace.group() == "{" else -1
            if depth == 0:
                return brace.end()
        return len(self.bare)

    def in_test(self, offset: int) -> bool:
        """Tell whether `offset` lies in test code."""
        return any(start <= offset < end for start, end in self.tests)

    def opening(self, offset: int) -> int:
        """Give the offset of the bracket that is open at `offset`, or -1."""
        depth = 0
        for at in range(offset - 1, max(offset - _BEFORE, -1), -1):
            char = self.bare[at]
            if char in ")]}":
                depth += 1
            elif char in "([{":
                if depth == 0:
                    return at
                depth -= 1
            elif char == ";" and depth == 0:
                return -1
        return -1

    def block(self, offset: int) -> tuple[int, int]:
        """Give the extent of the braces around `offset`."""
        depth = 0
        for at in range(offset - 1, -1, -1):
            char = self.bare[at]
            if char == "}":
                depth += 1
            elif char == "{":
                if depth == 0:
                    return (at, self._item_end(at))
                depth -= 1
        return (0, len(self.bare))

    def place(self, path: str, offset: int) -> Read:
        """Give the line and column of `offset`."""
        return Read(path, self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset))


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _source(target: Target, path: str) -> _Source:
    return _Source(target.text(path))


class _Index:
    """Where the variables with one prefix are named, and what reads them."""

    def __init__(self, target: Target, prefix: str) -> None:
        self.target = target
        self.prefix = prefix
        self._found: dict[tuple[str, Registry | None], tuple[Read, ...]] = {}
        self._wrappers: dict[str, bool] = {}
        self._members: dict[Registry, dict[str, list[str]]] = {}

    @cached_property
    def mentions(self) -> dict[str, list[str]]:
        """Give the Rust files that hold each name as a whole string literal."""
        quoted = re.compile(rb'"(' + self.prefix.encode() + rb'[A-Z0-9_]+)"')
        found: dict[str, list[str]] = {}
        for path in self.target.containing((b'"' + self.prefix.encode(),), self.target.glob("*.rs")):
            if not _TEST_FOLDERS & set(path.split("/")[:-1]):
                for name in set(quoted.findall(self.target.data(path))):
                    found.setdefault(name.decode(), []).append(path)
        return found

    @cached_property
    def scripts(self) -> dict[str, list[Read]]:
        """Give the reads in scripts, by name."""
        found: dict[str, list[Read]] = {}
        for path in self.target.containing((self.prefix.encode(),), self.target.glob(*_SCRIPTS)):
            for name, read in _script_reads(path, self.target.text(path)):
                if name.startswith(self.prefix):
                    found.setdefault(name, []).append(read)
        return found

    def readers(self, name: str, registry: Registry | None) -> tuple[Read, ...]:
        """Give the first file's reads: Rust code, then the registry's users, then scripts."""
        key = (name, registry)
        if key not in self._found:
            self._found[key] = tuple(self._rust(name)) or tuple(self._registry(name, registry)) or self._scripts(name)
        return self._found[key]

    def _scripts(self, name: str) -> tuple[Read, ...]:
        return tuple(self.scripts.get(name, ()))

    def _rust(self, name: str) -> Iterator[Read]:
        for path in self.mentions.get(name, ()):
            source = self.target.file_view(_source, path)
            found = [
                source.place(path, match.start())
                for match in re.finditer(f'"{name}"', source.code)
                if not source.in_test(match.start()) and self._reads(path, source, match.start(), match.end())
            ]
            if found:
                yield from found
                return

    def _reads(self, path: str, source: _Source, start: int, end: int) -> bool:
        """Tell whether the string at `start` is what a call reads: itself, through a constant or a list."""
        constant = re.search(r"\b(?:const|static)\s+(\w+)\s*:\s*&\s*(?:'static\s+)?str\s*=\s*$", source.bare[:start][-200:])
        if constant:
            return self._constant_read(path, constant.group(1))
        if re.search(r"\benv\s*=\s*$", source.bare[:start][-40:]) and source.opening(start) >= 0:
            return True
        opening = source.opening(start)
        if opening < 0:
            return False
        if source.bare[opening] == "(":
            return self._callee_reads(path, _callee(source.bare, opening))
        if source.bare[opening] == "[":
            outer = source.opening(opening)
            if outer >= 0 and source.bare[outer] == "(" and self._callee_reads(path, _callee(source.bare, outer)):
                return True
            first, last = source.block(opening)
            return re.search(r"\bvar(?:_os)?\s*\(\s*[&*]*[a-z]\w*\s*\)|\.(?:find_map|filter_map|map)\([^)]*\bvar(?:_os)?\b",
                             source.bare[first:last]) is not None and end < last
        return False

    def _callee_reads(self, path: str, callee: str) -> bool:
        if _READ.search(callee):
            return True
        name = callee.rpartition("::")[2]
        if not re.fullmatch(r"[a-z_]\w*!?", name) or "." in callee:
            return False
        key = name if name not in self._wrappers else name
        if key not in self._wrappers:
            self._wrappers[key] = False  # while it is being decided: a function that calls itself reads nothing by that
            self._wrappers[key] = self._wraps(path, name)
        return self._wrappers[key]

    def _wraps(self, path: str, name: str) -> bool:
        """Tell whether the function or macro `name` reads the variable that its argument names."""
        bare = name.removesuffix("!")
        word = "macro_rules! " if name.endswith("!") else "fn "
        here = self.target.containing((f"{word}{bare}".encode(),), [path])
        for candidate in here or self.target.containing((f"{word}{bare}".encode(),), self._env_files):
            source = self.target.file_view(_source, candidate)
            for match in re.finditer(rf"\b{re.escape(word)}{bare}\b", source.bare):
                body = source.bare[match.end() : source._item_end(match.end())]  # noqa: SLF001 - one module
                if re.search(r"\bvar(?:_os)?\s*\(\s*[&*$]*[a-z]\w*", body):
                    return True
                calls = re.findall(r"\b([a-z_][\w:]*)\(\s*[&*]*[a-z]\w*\s*[,)]", body)
                if any(self._callee_reads(candidate, call) for call in calls if call != bare and "env" in call):
                    return True
        return False

    @cached_property
    def _env_files(self) -> tuple[str, ...]:
        return tuple(self.target.containing((b"env::var", b"var_os("), self.target.glob("*.rs")))

    def _constant_read(self, path: str, name: str) -> bool:
        """Tell whether a constant is read, in its own file or elsewhere."""
        use = re.compile(rf"([\w:!]+)\s*\(\s*&?(?:\w+\s*::\s*)*{name}\b")
        others = self.target.containing((name.encode(),), self.target.glob("*.rs"))
        for candidate in dict.fromkeys([path, *others]):
            if _TEST_FOLDERS & set(candidate.split("/")[:-1]):
                continue
            source = self.target.file_view(_source, candidate)
            for match in use.finditer(source.bare):
                if not source.in_test(match.start()) and self._callee_reads(candidate, match.group(1)):
                    return True
        return False

    # the registry

    def _registry(self, name: str, registry: Registry | None) -> Iterator[Read]:
        if registry is None:
            return
        for member in self.registered(name, registry):
            for path in self.members(registry).get(member, ()):
                source = self.target.file_view(_source, path)
                found = [
                    source.place(path, match.start())
                    for match in re.finditer(rf"\b{registry.enum}::{member}\b", source.bare)
                    if not source.in_test(match.start())
                ]
                if found:
                    yield from found
                    return

    def registered(self, name: str, registry: Registry) -> Iterator[str]:
        """Give the members of the registry's enum whose entries name the variable."""
        own = set(self.target.glob(*registry.files))
        for path in self.mentions.get(name, ()):
            if path not in own:
                continue
            source = self.target.file_view(_source, path)
            for match in re.finditer(f'"{name}"', source.code):
                before = source.bare[max(match.start() - _BEFORE, 0) : match.start()]
                named = re.search(r"(\w+)\s*:\s*(?:&\s*\[[^\]]*)?$", before)
                if named and named.group(1) in registry.fields and not source.in_test(match.start()):
                    entry = source.bare[source.bare.rfind("{", 0, match.start()) : match.end()]
                    members = re.findall(rf"\b{registry.enum}::(\w+)", entry)
                    yield from members[:1]

    def members(self, registry: Registry) -> dict[str, list[str]]:
        """Give the files outside the registry that name each member of its enum."""
        if registry not in self._members:
            own = set(self.target.glob(*registry.files))
            needle = f"{registry.enum}::".encode()
            pattern = re.compile(needle + rb"(\w+)")
            found: dict[str, list[str]] = {}
            for path in self.target.containing((needle,), self.target.glob("*.rs")):
                if path not in own and not _TEST_FOLDERS & set(path.split("/")[:-1]):
                    for member in set(pattern.findall(self.target.data(path))):
                        found.setdefault(member.decode(), []).append(path)
            self._members[registry] = found
        return self._members[registry]

    # one file

    def names_read(self, path: str, registry: Registry | None) -> frozenset[str]:
        """Give the variables that one file reads."""
        if not path.endswith(".rs"):
            return frozenset(name for name, reads in self.scripts.items() if any(read.path == path for read in reads))
        source = self.target.file_view(_source, path)
        found = {
            match.group(1)
            for match in re.finditer(rf'"({self.prefix}[A-Z0-9_]+)"', source.code)
            if not source.in_test(match.start()) and self._reads(path, source, match.start(), match.end())
        }
        if registry is not None and path not in self.target.glob(*registry.files):
            used = set(re.findall(rf"\b{registry.enum}::(\w+)", source.bare))
            if used:
                found |= {name for name in self.mentions if used & set(self.registered(name, registry))}
        return frozenset(found)


def _callee(bare: str, opening: int) -> str:
    """Give the path or method before an opening parenthesis; a method keeps its dot."""
    match = re.search(r"([.\w:]+!?)\s*$", bare[max(opening - 120, 0) : opening])
    return match.group(1) if match else ""


_SCRIPTS = ("*.vox", "*.sh", "*.bash", "*.ps1", "*.psm1", "*.py", "justfile", "Makefile")
_SCRIPT_PATTERNS = (
    (("vox",), re.compile(r"""\benv\.(?:get|var|get_or)\(\s*["']([A-Z][A-Z0-9_]+)["']""")),
    (("py",), re.compile(r"""\b(?:environ(?:\.get\(|\[)|getenv\()\s*["']([A-Z][A-Z0-9_]+)["'](?!\s*\]\s*=[^=])""")),
    (("ps1", "psm1"), re.compile(r"\$(?:\{env:|env:)([A-Z][A-Z0-9_]+)\}?(?!\s*=[^=]|\w)", re.IGNORECASE)),
    (("sh", "bash", "justfile", "Makefile"), re.compile(r"\$\{?([A-Z][A-Z0-9_]+)\b")),
)


def _script_reads(path: str, text: str) -> Iterator[tuple[str, Read]]:
    """Give the reads in a script: `env.get("X")`, `os.environ["X"]`, `$env:X`, `$X`; comment lines left out."""
    suffix = path.rpartition("/")[2].rpartition(".")[2]
    comment = "//" if suffix == "vox" else "#"
    patterns = [pattern for kinds, pattern in _SCRIPT_PATTERNS if suffix in kinds]
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(comment):
            continue
        for pattern in patterns:
            for match in pattern.finditer(_uncommented(line, comment)):
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
