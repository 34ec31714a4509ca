"""What the handler of a command-line subcommand reads: the file paths written in the functions it leads to.

From the subcommand's clap variant to the match arm that names it, from there through calls by name. A static guess
that stays within one package; calls through values and macros are not followed.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import UnreadableError
from pytest_mens.views import cargo, rust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views import clap
    from pytest_mens.views.rust import Function, RustFile

_DEPTH = 5
_FUNCTIONS = 60
_NEAR = 400
"""Bytes before a literal in which the folders joined to it are looked for."""
_STATEMENT = 4000
"""Characters of the longest statement that is looked at as text."""
_PATH = re.compile(r"[\w.@-]+(?:/[\w.@-]+)*\.(?:ya?ml|json|toml)")


@dataclass(frozen=True)
class PathLiteral:
    """A path of a data file, where the handler's source writes it."""

    value: str
    path: str
    line: int
    column: int


@dataclass(frozen=True)
class Discarded:
    """A place at which the handler drops the outcome of what it ran."""

    text: str
    path: str
    line: int
    column: int


@dataclass(frozen=True)
class Handler:
    """What the functions behind a subcommand read, in the order in which they are reached, and what they drop.

    `idle`: the subcommand is matched somewhere, and nothing is called there.
    """

    paths: tuple[PathLiteral, ...]
    discarded: tuple[Discarded, ...]
    idle: bool = False


def handler(target: Target, command: clap.Command) -> Handler:
    """Give what the handler of a subcommand reads (memoised)."""
    memo = target.view(_memo)
    place = command.place
    key = (place.path, place.line, place.column)
    if key not in memo:
        memo[key] = _Trace(target, place.path).handler(_variant(target, place))
    return memo[key]


def _memo(_target: Target) -> dict[tuple[str, int, int], Handler]:
    return {}


def _variant(target: Target, place: clap.Place) -> str:
    line = target.text(place.path).split("\n")[place.line - 1]
    name = re.match(r"\w+", line[place.column - 1 :])
    return name[0] if name else ""


class _Trace:
    """The way from a variant through the functions of its package."""

    def __init__(self, target: Target, path: str) -> None:
        self.target = target
        package = cargo.workspace(target).package_of(path)
        root = "" if package is None else package.root
        self.files = target.glob(f"/{root}/**/*.rs" if root else "*.rs")
        self.constants: dict[str, dict[str, PathLiteral]] = {}

    def handler(self, variant: str) -> Handler:
        paths: dict[PathLiteral, None] = {}
        level = list(self.arms(variant))
        idle = bool(level) and not any(call.name.islower() for arm in level for call in rust.calls(*arm))
        seen: set[tuple[str, int]] = set()
        bodies: list[tuple[RustFile, Node]] = []
        for _ in range(_DEPTH):
            calls: list[tuple[RustFile, str]] = []
            # what one file holds is followed to its end; other files are only looked into while nothing is found
            while level and len(seen) < _FUNCTIONS:
                file, body = level.pop(0)
                if (file.path, body.start_byte) in seen:
                    continue
                seen.add((file.path, body.start_byte))
                bodies.append((file, body))
                paths.update(dict.fromkeys(self.literals(file, body)))
                for callee in _callees(file, body):
                    own = [] if "::" in callee else _functions(file, callee)
                    level.extend((file, function.body) for function in own if function.body is not None)
                    if not own:
                        calls.append((file, callee))
            if paths or not calls:
                break
            level = [found for file, callee in calls for found in self.elsewhere(callee)]
        if not paths:
            return Handler((), (), idle)
        dropped = [found for file, body in bodies for found in (*_dropped(file, body), *_unchecked(file, body))]
        return Handler(tuple(paths), tuple(dict.fromkeys(dropped)))

    def arms(self, variant: str) -> Iterator[tuple[RustFile, Node]]:
        """Give the values of the match arms whose pattern names the variant."""
        named = re.compile(rf"::\s*{re.escape(variant)}\b")
        for path in self.target.containing((f"::{variant}".encode(),), self.files) if variant else ():
            file = self.parsed(path)
            for arm in rust.find(file, "match_arm") if file else ():
                pattern, value = arm.child_by_field_name("pattern"), arm.child_by_field_name("value")
                if file and pattern is not None and value is not None and named.search(file.text_of(pattern)):
                    yield file, value

    def elsewhere(self, callee: str) -> list[tuple[RustFile, Node]]:
        """Give the bodies of the functions of that name in other files; none when it is a common name."""
        *qualifiers, name = callee.split("::")
        found: list[Function] = []
        for path in self.target.containing((f"fn {name}(".encode(), f"fn {name}<".encode()), self.files):
            if qualifiers and qualifiers[-1].islower() and not _fits(path, qualifiers[-1]):
                continue
            other = self.parsed(path)
            found.extend(_functions(other, name) if other else ())
        return [(one.file, one.body) for one in found if one.body is not None] if len(found) <= 2 else []

    def literals(self, file: RustFile, body: Node) -> Iterator[PathLiteral]:
        """Give the path literals of a body, joined parts put together, and constants of the file that it names."""
        for string in rust.strings(file, body):
            if _PATH.fullmatch(string.value):
                start = max(body.start_byte, string.node.start_byte - _NEAR)
                before = file.source[start : string.node.start_byte].decode("utf-8", "replace")
                parts = re.search(r"((?:\.\s*join\(\s*\"[\w./-]+\"\s*\)\s*)*)\.\s*join\(\s*$", before)
                folders = re.findall(r"\"([\w./-]+)\"", parts[1]) if parts else []
                yield PathLiteral(posixpath.join(*folders, string.value), file.path, *file.position(string.node))
        if file.path not in self.constants:
            self.constants[file.path] = dict(_constants(file))
        for name in re.findall(r"\b[A-Z][A-Z0-9_]{2,}\b", file.text_of(body)):
            if name in self.constants[file.path]:
                yield self.constants[file.path][name]

    def parsed(self, path: str) -> RustFile | None:
        try:
            return rust.file(self.target, path)
        except UnreadableError:
            return None


def _callees(file: RustFile, body: Node) -> Iterator[str]:
    for call in rust.calls(file, body):
        if not call.method and call.name.islower():
            yield call.callee


def _functions(file: RustFile, name: str) -> list[Function]:
    return [found for found in rust.functions(file) if found.name == name and not _is_test(found)]


def _constants(file: RustFile) -> Iterator[tuple[str, PathLiteral]]:
    for item in rust.find(file, "const_item", "static_item"):
        name, value = item.child_by_field_name("name"), item.child_by_field_name("value")
        for string in rust.strings(file, value) if value is not None else ():
            if name is not None and _PATH.fullmatch(string.value):
                yield file.text_of(name), PathLiteral(string.value, file.path, *file.position(string.node))


def _is_test(function: Function) -> bool:
    return rust.in_test_code(function.file, function.node)


def _fits(path: str, module: str) -> bool:
    return path.endswith((f"/{module}.rs", f"/{module}/mod.rs")) or f"/{module}/" in path


_FAILED = re.compile(r"!.*\.success\(\)|let\s+Err\(\w+\)\s*=\s*run\w*\s*\(.*", re.DOTALL)
"""A condition that holds when what was run has failed."""


def _dropped(file: RustFile, body: Node) -> Iterator[Discarded]:
    """Give where an outcome is thrown away: `let _ = run(..)`, `x.status()?;`, a failed status that is only printed."""
    for let in rust.walk(body, "let_declaration"):
        pattern, value = let.child_by_field_name("pattern"), let.child_by_field_name("value")
        if pattern is None or value is None or file.text_of(pattern) != "_":
            continue
        if re.search(r"\.\s*status\s*\(", file.text_of(value)) or _is_step(file, value):
            yield _discarded(file, let)
    for statement in rust.walk(body, "expression_statement"):
        text = file.text_of(statement)[-_STATEMENT:]
        if re.search(r"\.\s*status\s*\(\s*\)\s*\??\s*;\s*\Z|\brun\w*\s*\(.*\)\s*\.\s*ok\(\)\s*;\s*\Z", text, re.DOTALL):
            yield _discarded(file, statement)
    for condition in rust.walk(body, "if_expression"):
        test, consequence = condition.child_by_field_name("condition"), condition.child_by_field_name("consequence")
        if test is None or consequence is None or not _FAILED.fullmatch(file.text_of(test)):
            continue
        inside = file.text_of(consequence)
        if not re.search(
            r"\breturn\b|\bbail!|\bpanic!|\bexit\(|\?|\bErr\(|\bbreak\b|=|\.push", _without_strings(inside)
        ):
            yield _discarded(file, condition)


def _unchecked(file: RustFile, body: Node) -> Iterator[Discarded]:
    """Give where a function runs a program and neither looks at how it ended nor hands that on."""
    calls = list(rust.calls(file, body))
    started = [call for call in calls if _is_method(call, "status")]
    if not started or any(_is_method(call, "success", "code", "exit_ok") for call in calls):
        return
    if any(_handed_on(file, body, call) for call in started):
        return
    function = body.parent
    given = function.child_by_field_name("return_type") if function is not None else None
    if given is None or "ExitStatus" not in file.text_of(given):
        yield _discarded(file, started[0].name_node)


def _handed_on(file: RustFile, body: Node, call: rust.Call) -> bool:
    """Tell whether a status goes, by the name that `let` gives it, into a call that may look at it."""
    let = rust.enclosing(call.node, "let_declaration")
    pattern = let.child_by_field_name("pattern") if let is not None else None
    if pattern is None:
        return False
    name = file.text_of(pattern).removeprefix("mut ")
    return any(
        rust.nodes_text(file, argument).removeprefix("&") == name
        for other in rust.calls(file, body)
        for argument in other.arguments
    )


def _is_method(call: rust.Call, *names: str) -> bool:
    return call.method and call.name in names


def _is_step(file: RustFile, value: Node) -> bool:
    return value.type == "call_expression" and "run" in file.text_of(value).partition("(")[0]


def _without_strings(text: str) -> str:
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', text)


def _discarded(file: RustFile, node: Node) -> Discarded:
    text = " ".join(file.text_of(node).split())
    return Discarded(text if len(text) <= 60 else text[:57] + "...", file.path, *file.position(node))
