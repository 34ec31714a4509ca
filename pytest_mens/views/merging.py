"""The functions that may refuse a kind of file: merge commands, and the functions that they call to do so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views import cargo, extension_guards, liveness, rust, scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.rust import Function, RustFile


@dataclass(frozen=True)
class Merge:
    """The commands that must refuse a kind of file."""

    command: str
    """The subcommand; a fn named after it is a merge command."""
    prefix: str
    """How the functions that do the merging begin; a fn with the guard that calls one is a merge command."""
    extension: str
    """The file extension that the guard refuses."""

    @property
    def quoted(self) -> list[bytes]:
        """Give the literals that a file is compared with."""
        return [f'"{self.extension}"'.encode(), f'".{self.extension}"'.encode()]


@dataclass(frozen=True)
class Merging:
    """The functions that may hold the guard of a merge command, and those of other files that tell what is refused.

    Of the latter: whether they tell that a file has another extension instead.
    """

    functions: tuple[Function, ...]
    helpers: dict[str, bool]


class _Subject:
    """What is looked for, and where."""

    def __init__(self, target: Target, merge: Merge) -> None:
        self.target = target
        self.merge = merge
        self.compares = re.compile(rb"(?<!join\()(?:" + b"|".join(map(re.escape, merge.quoted)) + rb")")
        """The places that may compare with the extension; a folder of that name does not."""

    def guarding(self, paths: Sequence[str]) -> list[str]:
        """Give the files that may compare with the extension."""
        some = ((path, self.target.data(path)) for path in paths)
        return [
            path
            for path, data in some
            if any(known in data for known in self.merge.quoted) and self.compares.search(data)
        ]


def functions(target: Target, merge: Merge, paths: Sequence[str]) -> Merging:
    """Find the merge commands and the functions that they call in their file, or in one that compares the extension.

    Of `paths` are the files that quote the extension.
    """
    subject = _Subject(target, merge)
    guarding = subject.guarding(paths)
    prefix = merge.prefix.encode()
    commanding = [path for path in guarding if prefix in target.data(path)]
    helping = _helping_files(subject, [path for path in guarding if path not in commanding])
    found: list[Function] = []
    called_elsewhere: set[str] = set()
    for path in sorted({*commanding, *(caller for callers in helping.values() for caller in callers)}):
        commands, called = _commands_and_calls(rust.file(target, path), merge)
        found.extend(function for function in commands if liveness.is_production(target, function.file, function.node))
        called_elsewhere |= called
    helpers: dict[str, bool] = {}
    for path in helping:
        file = rust.file(target, path)
        tellers = extension_guards.tellers(file, merge.extension)
        helpers.update({name: other for name, other in tellers.items() if name in called_elsewhere})
        found.extend(
            function
            for function in rust.functions(file)
            if function.name in called_elsewhere and liveness.is_production(target, file, function.node)
        )
    return Merging(tuple(found), helpers)


def _helping_files(subject: _Subject, paths: Sequence[str]) -> dict[str, list[str]]:
    """Give those of `paths` in which a fn compares the extension, with the files of its package that may call it."""
    target = subject.target
    commanding: dict[str, list[str]] = {}
    found: dict[str, list[str]] = {}
    for path in paths:
        data = target.data(path)
        places = (match.start() for match in subject.compares.finditer(data))
        names = {name for at in places if (name := _function_before(data, at))}
        package = cargo.workspace(target).package_of(path) if names else None
        if package is None:
            continue
        if package.name not in commanding:
            commanding[package.name] = _may_command(subject, package)
        callers = commanding[package.name]
        nearby = [caller for caller in callers if any(_may_call(target.data(caller), name) for name in names)]
        if nearby:
            found[path] = nearby
    return found


def _may_call(data: bytes, name: bytes) -> bool:
    """Tell whether a name stands before a parenthesis, other than in a line comment or where such a fn is defined."""
    for call in re.finditer(re.escape(name) + rb"\s*\(", data) if name in data else ():
        line = data[data.rfind(b"\n", 0, call.start()) + 1 : call.start()]
        if not _NO_CALL.search(line):
            return True
    return False


_NO_CALL = re.compile(rb"\A\s*//|(?:\bfn\s+|\w)\Z")


def _may_command(subject: _Subject, package: cargo.Package) -> list[str]:
    """Give the files of a package that call a merging function, or have a fn named after the command."""
    merge = subject.merge
    beginnings = (merge.prefix, merge.command.replace("-", "_"))
    called = re.compile(rb"(?:" + b"|".join(re.escape(name.encode()) for name in beginnings) + rb")\w*\s*(?:\(|::|<)")
    files = scope.files(subject.target, [package], beginnings)
    return [path for path in files if called.search(subject.target.data(path))]


def _function_before(data: bytes, at: int) -> bytes:
    """Give the name of the last fn that begins before an offset."""
    names = _FUNCTION.findall(data, 0, at)
    return names[-1] if names else b""


_FUNCTION = re.compile(rb"\bfn\s+(\w+)")


def _commands_and_calls(file: RustFile, merge: Merge) -> tuple[list[Function], set[str]]:
    """Give the merge commands of a file with the functions of the file that they call, and the names of all calls."""
    own = merge.command.replace("-", "_")
    bodies = [function for function in rust.functions(file) if function.body is not None]
    called = {function.name: {call.name for call in rust.calls(file, function.body)} for function in bodies}
    commands = {
        name for name, names in called.items() if own in name or any(other.startswith(merge.prefix) for other in names)
    }
    names = {name for command in commands for name in called[command]}
    return [function for function in bodies if function.name in commands | names], names
