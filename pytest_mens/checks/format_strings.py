"""Messages that are formatted parse and match their arguments; messages that are not formatted hold no placeholder."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError, UnreadableError
from pytest_mens.target import globs
from pytest_mens.target.search import before_space, occurrences, stands_alone
from pytest_mens.views import bindings, fmt, messages, modules, rust, scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.messages import Message
    from pytest_mens.views.rust import RustFile, StringLiteral


@dataclass(frozen=True)
class Params:
    """Where to look, and what formats its text and what does not."""

    formatted: dict[str, int]
    """Macro name (the last path segment) to the index of its message argument."""
    plain_methods: tuple[str, ...]
    """Methods whose argument is a text that is shown as it is."""
    plain_closures: tuple[str, ...]
    """Methods whose closure returns a text that is shown as it is."""
    plain_functions: tuple[str, ...]
    """Functions, as the end of their path, whose argument is a text that is shown as it is."""
    scope: tuple[str, ...] = ("*.rs",)


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Read every candidate by its bytes; parse only the files in which one may be wrong."""
    candidates: list[str] = []
    unreadable: UnreadableError | None = None
    found_subject = False
    sites = _sites(params)
    for path in target.reading(target.glob(*params.scope)):
        try:
            suspect = _Scan(target, params, path).suspect(sites)
            if suspect is None:
                continue
            candidates.append(path)
            if suspect:
                findings, subjects = _judge(target, params, path)
                found_subject = found_subject or subjects > 0
                yield from findings
        except UnreadableError as error:
            if unreadable is None and _may_be_built(target, path):
                unreadable = error
    if unreadable is not None:
        raise unreadable
    if not found_subject and not any(_judge(target, params, path)[1] for path in candidates):
        names = ", ".join(f"{name}!" for name in params.formatted)
        raise SubjectMissingError(f"no {names} and no unformatted message anywhere in {', '.join(params.scope)}")


# --- by bytes: is every message of the file certainly fine? ---------------------------------------------------------

_LITERAL = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_START = re.compile(rb"\s*(?:(?:std::string::)?String::from\(\s*)?")
_RAW = re.compile(rb'r(#*)"(.*?)"\1(?!#)', re.DOTALL)
_LITERAL_ALONE = re.compile(rb'\s*"((?:[^"\\]|\\.)*)"\s*,?\s*[)\]}]', re.DOTALL)
_LEFT_TO_PARSER = re.compile(rb"\s*(?:/|(?:(?:std|core)::)?concat\s*!)")
_CONSTANT = re.compile(rb"(?:\w+\s*::\s*)*[A-Z][A-Z0-9_]*")
_NAMED = re.compile(rb"(?:r#)?([^\W\d]\w*)\s*=(?!=)")
_CLOSURE_HEAD = re.compile(rb"\s*(?:move\s*)?\|[^|]*\|\s*")
_TOKEN = re.compile(
    rb"""[^"'()\[\]{},;/]+|"(?:[^"\\]|\\.)*"|[()\[\]{},;]|/(?![/*])"""
    rb"""|'(?:\\.[^'\n]*|[^'\\\x80-\xff]|[\x80-\xff]{2,4})'|'\w+""",
    re.DOTALL,
)


@dataclass(frozen=True)
class _Sites:
    """Where bytes may show a message: the names that are looked for, and what has to stand around each."""

    formatted: dict[bytes, int]
    methods: frozenset[bytes]
    closures: frozenset[bytes]
    functions: frozenset[bytes]
    occurrences: Callable[[bytes], Iterator[tuple[bytes, int, int]]]

    def of(self, data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
        """Give each name that may show a message: what stands before it, or `!` or `as` after it; it; the message."""
        for name, start, end in self.occurrences(data):
            if not stands_alone(data, start, end):
                continue
            if name in self.formatted and (opened := _MACRO.match(data, end)):
                yield b"!", name, opened.end()
            elif name in self.formatted and (renamed := _RENAMED.match(data, end)):
                yield b"as", name, renamed.end()
            if (name in self.methods or name in self.functions) and (opened := _CALL.match(data, end)):
                before = before_space(data, start)
                if name in self.methods and data[before - 1 : before] == b".":
                    yield b".", name, opened.end()
                elif name in self.functions and data[max(0, before - 2) : before] == b"::":
                    yield b"::", name, opened.end()


_MACRO = re.compile(rb"\s*!\s*[(\[{]")
_RENAMED = re.compile(rb"\s+as\s+\w")
_CALL = re.compile(rb"\s*(?:::\s*<[^()]*>\s*)?\(")


def _sites(params: Params) -> _Sites:
    formatted = {name.encode(): index for name, index in params.formatted.items()}
    closures = frozenset(name.encode() for name in params.plain_closures)
    methods = closures.union(name.encode() for name in params.plain_methods)
    functions = frozenset(path.rpartition("::")[2].encode() for path in params.plain_functions)
    return _Sites(formatted, methods, closures, functions, occurrences({*formatted, *methods, *functions}))


class _Scan:
    """The cheap reading of one file. Whatever it does not recognise at once is left to the parser."""

    def __init__(self, target: Target, params: Params, path: str) -> None:
        self.target = target
        self.params = params
        self.path = path
        self.data = target.data(path)

    def suspect(self, sites: _Sites) -> bool | None:
        """Tell whether the file must be parsed; None when no candidate is in it at all."""
        seen = False
        for mark, name, at in sites.of(self.data):
            seen = True
            if mark == b"as":
                return True  # the macro has another name from there on
            if mark == b"!":
                fine = self._formatted(at, sites.formatted[name])
            else:
                fine = self._closure(at) if name in sites.closures and mark == b"." else self._plain(at)
            if not fine:
                return True
        return False if seen else None

    def _formatted(self, at: int, index: int) -> bool:
        literal = _LITERAL_ALONE.match(self.data, at)
        if literal is not None and index == 0 and _plain_text(literal[1]):
            return True
        arguments = _split(self.data, at, b",")
        if arguments is None:
            return False
        if len(arguments) <= index:
            return True
        message, rest = arguments[index], arguments[index + 1 :]
        if message[:1] == b'"':
            literal = _LITERAL.fullmatch(message)
            return literal is not None and self._message(literal[1], rest, at)
        if _CONSTANT.fullmatch(message):
            return self._constant(message)
        return b'"' not in message or (message[:1].isalpha() and b"concat" not in message)

    def _message(self, body: bytes, rest: list[bytes], at: int) -> bool:
        if not _no_hidden_brace(body):
            return False
        template = _template(body)
        if template.error is not None:
            return False
        named = [match[1].decode() for argument in rest if (match := _NAMED.match(argument))]
        if fmt.mismatches(template, len(rest) - len(named), tuple(named)):
            return False
        return all(use.argument in named or self._occurs(str(use.argument), at) for use in template.names)

    def _occurs(self, name: str, at: int) -> bool:
        """Tell whether the fn has a variable of that name before `at`, or the file such a constant."""
        data, needle = self.data, name.encode()
        start = 0 if name.isupper() else max(data.rfind(b"fn ", 0, at), 0)
        header = data.find(b"{", start)
        found = data.rfind(needle, start, at)
        while found >= 0:
            after = found + len(needle)
            if data[found - 1] in _BEFORE_NAME and data[after] not in _NOT_AFTER_NAME:
                line = data[data.rfind(b"\n", 0, found) + 1 : found]
                field = data[after] == ord(":") and found > header and not _DECLARES.search(line)
                if not field and line.count(b'"') % 2 == 0 and b"//" not in line:
                    return True
            found = data.rfind(needle, start, found)
        return False

    def _plain(self, at: int) -> bool:
        data = self.data
        start = _START.match(data, at)
        at = at if start is None else start.end()
        if data[at : at + 1] == b'"':
            literal = _LITERAL.match(data, at)
            return literal is not None and _plain_text(literal[1])
        raw = _RAW.match(data, at)
        return _plain_text(raw[2]) if raw is not None else _LEFT_TO_PARSER.match(data, at) is None

    def _closure(self, at: int) -> bool:
        head = _CLOSURE_HEAD.match(self.data, at)
        if head is None:
            return _LEFT_TO_PARSER.match(self.data, at) is None
        at = head.end()
        if self.data[at : at + 1] == b"{":
            statements = _split(self.data, at + 1, b";")
            last = statements[-1] if statements else b""
            shown = last.startswith((b'"', b'r"', b"r#", b"String", b"std", b"concat", b"if", b"match"))
            return statements is not None and (not shown or _plain_text(last))
        return not self.data.startswith((b"if", b"match"), at) and self._plain(at)

    def _constant(self, path: bytes) -> bool:
        """Tell whether every constant of that name that may be meant has a text without braces."""
        segments = [segment.strip().decode() for segment in path.split(b"::")]
        other = re.search(rb"(\w+)\s+as\s+" + path + rb"\b", self.data) if len(segments) == 1 else None
        segments = segments if other is None else [other[1].decode()]
        texts = [
            _definition(self.target.data(file), segments[-1])
            for file in _homes(self.target, self.params, self.path, segments)
        ]
        return all(text is not None and _plain_text(text) for text in texts)


def _no_hidden_brace(body: bytes) -> bool:
    return b"\\" not in body or (b"\\u" not in body and b"\\x" not in body)


def _plain_text(body: bytes) -> bool:
    return b"{" not in body and b"}" not in body and _no_hidden_brace(body)


_BEFORE_NAME = frozenset(b" \t\n(|&*,[{!-+=<>:")
_NOT_AFTER_NAME = frozenset(b"_!(\"'" + bytes(range(128, 256)) + string.ascii_letters.encode() + string.digits.encode())
_DECLARES = re.compile(rb"\b(?:let|const|static)\s(?:mut\s+)?$|^\s*(?:pub\s+)?use\s.*::$|\|$")
"""What must stand before a name that a colon follows for it not to be a field or the start of a path."""


def _split(data: bytes, at: int, separator: bytes) -> list[bytes] | None:
    """Split what starts at `at`, up to the closing bracket; None when a parser should read it."""
    parts: list[bytes] = []
    start = at
    depth = 0
    while True:
        match = _TOKEN.match(data, at)
        if match is None:
            return None
        at = match.end()
        token = match.group()
        if token in _OPENING:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
            if depth < 0:
                parts.append(data[start : at - 1].strip())
                return parts if parts[-1] else parts[:-1]
        elif token == separator:
            if depth == 0:
                parts.append(data[start : at - 1].strip())
                start = at
        elif token[:1] not in _QUOTES and _needs_parser(token, data[at : at + 1], depth, separator):
            return None


def _needs_parser(code: bytes, following: bytes, depth: int, separator: bytes) -> bool:
    """Tell whether code may end in the prefix of a raw string, or hold commas that separate nothing."""
    if following == b'"' and code.rstrip(b"#")[-1:] in _STRING_PREFIXES:
        return True
    return depth == 0 and separator == b"," and (b"|" in code or b"::<" in code)


_QUOTES = frozenset({b'"', b"'"})
_OPENING = frozenset({b"(", b"[", b"{"})
_CLOSING = frozenset({b")", b"]", b"}"})
_STRING_PREFIXES = frozenset({b"r", b"b", b"c"})
"""Letters before a quote that may change how it is read; other identifiers that end so are left to the parser too."""


@lru_cache(maxsize=4096)
def _template(body: bytes) -> fmt.Template:
    """Parse a message without escapes that matter; the others stand for one character each."""
    return fmt.parse(body.decode("utf-8", "replace"))


def _definition(data: bytes, name: str) -> bytes | None:
    """Give the text of a constant that is defined with a plain literal, undecoded."""
    match = re.search(rb"\b" + name.encode() + rb'\s*:\s*&\s*(?:\'static\s+)?str\s*=\s*"((?:[^"\\]|\\.)*)"\s*;', data)
    return None if match is None else match[1]


def _homes(target: Target, params: Params, path: str, segments: Sequence[str]) -> list[str]:
    """Give the files that may define the constant: in the same package, the one its path names, or anywhere."""
    needle = re.compile(rb"\b(?:const|static)\s+" + segments[-1].encode() + rb"\s*:")
    for group in _groups(target, params, path, segments):
        found = [file for file in target.containing([segments[-1].encode()], group) if needle.search(target.data(file))]
        if found:
            return found
    return []


def _groups(target: Target, params: Params, path: str, segments: Sequence[str]) -> Iterator[Sequence[str]]:
    files = target.glob(*params.scope)
    home = _folder_of(target.view(_package_folders), path)
    yield globs.below(files, home.rstrip("/"))
    if len(segments) > 1:
        folder = f"/{segments[0].replace('_', '-')}/"
        yield [file for file in files if folder in f"/{file}"]
    yield files


def _package_folders(target: Target) -> tuple[str, ...]:
    manifests = target.glob("Cargo.toml")
    return tuple(sorted((path[: -len("Cargo.toml")] for path in manifests), key=len, reverse=True))


def _folder_of(folders: tuple[str, ...], path: str) -> str:
    return next((folder for folder in folders if path.startswith(folder)), "")


# --- by syntax: what is wrong, and where ----------------------------------------------------------------------------


def _may_be_built(target: Target, path: str) -> bool:
    try:
        return bool(modules.placements(target, path))
    except UnreadableError:
        return True


def _judge(target: Target, params: Params, path: str) -> tuple[list[Finding], int]:
    """Give the findings of a file and how many messages it has."""
    file = rust.file(target, path)
    sites = _sites(params)
    for error in file.errors():
        if any(error.start_byte <= at <= error.end_byte for _, _, at in sites.of(file.source)):
            file.require_parsed(error)
    formatted = params.formatted | _renamed(file, params.formatted)
    showing = messages.Showing(formatted, params.plain_methods, params.plain_closures, params.plain_functions)
    findings: list[Finding] = []
    subjects = 0
    for message in messages.messages(file, showing):
        subjects += 1
        wrong: Iterator[Finding] = iter(())
        if message.constant:
            wrong = _constant_findings(target, params, file, message)
        elif message.literal is not None and message.formatted:
            wrong = _formatted_findings(target, file, message, message.literal)
        elif message.literal is not None:
            wrong = _plain_findings(file, message.literal, file, message)
        found = list(wrong)
        if found and scope.compiled(target, file, message.place):
            findings.extend(found)
    return findings, subjects


def _renamed(file: RustFile, formatted: dict[str, int]) -> dict[str, int]:
    """Give the other names that a file has for macros, by `use anyhow::bail as stop`."""
    leaves = (leaf for use in rust.find(file, "use_declaration") for leaf in rust.use_leaves(file, use))
    return {
        leaf.alias: formatted[leaf.segments[-1]] for leaf in leaves if leaf.alias and leaf.segments[-1] in formatted
    }


def _formatted_findings(target: Target, file: RustFile, message: Message, literal: StringLiteral) -> Iterator[Finding]:
    template = fmt.parse(literal.value)
    where = f"in the format string of `{message.shown_by}`"
    if template.error is not None:
        help_ = "write `{{` and `}}` for braces that are meant literally"
        yield _at(file, literal, template.error, f"{template.error.message} {where}", help_)
        return
    if message.counted:
        for problem in fmt.mismatches(template, message.positional, message.named):
            help_ = "give every placeholder its argument and every argument its placeholder"
            yield _at(file, literal, problem, f"{problem.message} {where}", help_)
    captures = [use for use in template.names if use.argument not in message.named]
    bound = _bound_around(file, literal) if captures else None
    if bound is not None:
        imported = _imports_all(target, file)
        for use in captures:
            if use.argument not in bound and not (imported and str(use.argument).isupper()):
                problem = fmt.Problem("", use.start, use.end)
                text = (
                    f"`{literal.value[use.start : use.end]}` {where} captures `{use.argument}`, which is bound nowhere"
                )
                yield _at(file, literal, problem, text, "name a binding in scope, or write `{{` and `}}`")


def _bound_around(file: RustFile, literal: StringLiteral) -> frozenset[str] | None:
    """Give the names bound in the fns around a literal and by the items of the file; None when nobody can tell.

    What stands as a name in the arguments of a macro counts as bound: the macro uses it or binds it.
    """
    found = set(bindings.item_names(file))
    for outer in rust.ancestors(file, literal.node):
        if outer.type == "macro_definition":
            return None
        if outer.type in ("function_item", "macro_invocation"):
            found |= bindings.bound_within(file, outer) | bindings.macro_names(file, outer)
    return frozenset(found)


def _imports_all(target: Target, file: RustFile) -> bool:
    """Tell whether constants may come into the file by a glob import, or from a file that includes it."""
    if any(place.included for place in modules.placements(target, file.path)):
        return True
    return any(leaf.glob for use in rust.find(file, "use_declaration") for leaf in rust.use_leaves(file, use))


def _plain_findings(file: RustFile, literal: StringLiteral, site: RustFile, message: Message) -> Iterator[Finding]:
    """Judge a text of `file` that `message` of `site` shows as it is."""
    related: tuple[Related, ...] = ()
    shown_by = f"`{message.shown_by}`"
    if message.constant:
        line, column = site.position(message.place)
        related = (Related(site.path, line, column, f"{shown_by} shows it here"),)
    doubled = re.search(r"\{\{|\}\}", literal.value)
    if doubled is not None:
        problem = fmt.Problem("", doubled.start(), doubled.end())
        text = f"`{doubled[0]}` is shown with both braces: {shown_by} does not format this text"
        yield _at(file, literal, problem, text, "write single braces, or format the text", related)
        return
    named = list(re.finditer(r"\{([^\W\d]\w*)(?::[^{}]*)?\}", literal.value))
    visible = bindings.visible(site, message.place) if named else frozenset()
    for match in named:
        if match[1] in visible:
            problem = fmt.Problem("", match.start(), match.end())
            text = f"`{match[0]}` is shown as it stands though `{match[1]}` is in scope: {shown_by} does not format"
            yield _at(file, literal, problem, text, "format the text where it is built", related)


def _constant_findings(target: Target, params: Params, file: RustFile, message: Message) -> Iterator[Finding]:
    """Judge `bail!(CONST)`: the constant's text is shown as it is."""
    found = []
    constant = _imported(file, message.constant)
    for path in _homes(target, params, file.path, constant):
        home = rust.file(target, path)
        for item in rust.find(home, "const_item", "static_item"):
            name, value = (item.child_by_field_name(field) for field in ("name", "value"))
            if name is not None and value is not None and home.text_of(name) == constant[-1]:
                texts = list(rust.strings(home, value))
                if texts and home.text_of(value).startswith("concat!"):
                    texts = [rust.joined(texts)]
                found.append([finding for text in texts for finding in _plain_findings(home, text, file, message)])
    if all(found):  # of several constants of that name any may be meant
        for findings in found:
            yield from findings


def _imported(file: RustFile, constant: Sequence[str]) -> Sequence[str]:
    """Give the path of a constant that the file imports under another name."""
    if len(constant) > 1:
        return constant
    leaves = (leaf for use in rust.find(file, "use_declaration") for leaf in rust.use_leaves(file, use))
    return next((leaf.segments for leaf in leaves if leaf.alias == constant[0]), constant)


def _at(  # noqa: PLR0913, PLR0917 - a finding has these parts
    file: RustFile,
    literal: StringLiteral,
    problem: fmt.Problem,
    message: str,
    help_: str,
    related: tuple[Related, ...] = (),
) -> Finding:
    """Place a problem at its characters; one that concerns the whole text, at the literal."""
    start, end = literal.node.start_byte, literal.node.end_byte
    if problem.start < problem.end:
        start = literal.offsets[problem.start]
        end = literal.offsets[problem.end] if problem.end < len(literal.offsets) else literal.offsets[-1] + 1
    line, column = file.position(start)
    return Finding(file.path, message, line, column, file.position(end), help_, related)
