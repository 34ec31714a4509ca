"""Every `--test NAME` that CI runs names a test target that exists and holds tests under the command's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import cargo, cargo_test, commands
from pytest_mens.views.commands import CiLayout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target
    from pytest_mens.views.commands import Command


@dataclass(frozen=True)
class Params:
    """`ci` is the CI that counts. `other_ci` are globs of files of other CI, which give notes only."""

    ci: CiLayout
    other_ci: tuple[str, ...] = ()


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge each `--test` of the workflows and gate manifests; broken workspace members; notes on what else is seen."""
    workspace = cargo.workspace(target)
    workflows = target.glob(*params.ci.workflows)
    judged = [command for path in workflows for command in commands.workflow_commands(target, path)]
    judged += [
        step for manifest in commands.manifests(target) for steps in manifest.profiles.values() for step in steps
    ]
    others = [path for path in target.glob(*params.other_ci) if path not in workflows] if params.other_ci else []
    others = target.containing((b"--test",), others)
    noted = [command for path in others for command in commands.other_ci_commands(target, path)]
    if not any(_names_test(command) for command in judged) and not workspace.problems:
        where = " or ".join(params.ci.workflows)
        raise SubjectMissingError(f"no command with `--test` in {where} or a gate manifest")
    yield from workspace.problems
    for command in judged:
        if not _names_test(command):
            yield from _selection_notes(target, command)
            continue
        for finding in _judge(target, command):
            yield _as_note(finding) if command.never else finding
    for command in noted:
        if _names_test(command):
            for finding in _judge(target, command):
                yield _as_note(finding)


def _names_test(command: Command) -> bool:
    parsed = command.parsed
    return parsed is not None and any(kind == "test" for kind, _ in parsed.targets.named)


def _judge(target: Target, command: Command) -> Iterator[Finding]:
    line, column = command.place_of("--test")
    builds = command.parsed is not None and not command.parsed.runner  # `cargo clippy --test x`
    chosen = cargo_test.selection(target, command.argv, command.cwd)
    for error in chosen.errors:
        yield Finding(
            command.path,
            f"`{command.text}` is refused by cargo: {error}",
            line,
            column,
            help=_hint(target, command),
            related=_delegate(command),
        )
    for empty in () if builds else cargo_test.resolve(target, command.argv, command.cwd).empty_targets:
        yield Finding(
            command.path,
            f"`{command.text}` succeeds without testing anything: {empty} holds no test under the command's features",
            line,
            column,
            help="give the command the features that the target's `cfg` asks for",
            related=_delegate(command),
        )


def _delegate(command: Command) -> tuple[Related, ...]:
    caller = command.delegate
    return () if caller is None else (Related(caller.path, caller.line, caller.column, "CI runs the profile here"),)


def _hint(target: Target, command: Command) -> str:
    """Say why a target that one would expect is none."""
    parsed = command.parsed
    workspace = cargo.workspace(target)
    for kind, name in parsed.targets.named if parsed else ():
        for package in workspace.packages.values():
            if kind != "test" or (parsed and parsed.packages and package.name not in parsed.packages):
                continue
            folder = f"{package.root}/tests" if package.root else "tests"
            if package.target("test", name) is not None:
                continue
            if target.exists(f"{folder}/{name}.rs"):
                return (
                    f"{folder}/{name}.rs is no target of its own: see `autotests` and `[[test]]` in {package.manifest}"
                )
            if target.is_dir(f"{folder}/{name}"):
                return f"{folder}/{name} is a folder without main.rs, which Cargo does not take for a test target"
    owners = [
        package.name
        for kind, name in (parsed.targets.named if parsed else ())
        for package in workspace.packages.values()
        if package.target("test", name) is not None and kind == "test"
    ]
    if owners and parsed and not set(owners) & set(parsed.packages):
        return f"package `{owners[0]}` has a test target of that name"
    return "name a test target of the selected packages, with the features it requires"


def _selection_notes(target: Target, command: Command) -> Iterator[Finding]:
    """Note a bad package or feature on a Cargo command that names no test target."""
    parsed = command.parsed
    if parsed is None or parsed.opaque or (not parsed.packages and not parsed.features):
        return
    chosen = cargo_test.selection(target, command.argv, command.cwd)
    for error in chosen.errors:
        if "package ID" in error or "contain" in error:
            line, column = (
                command.place_of("-p", "--package") if "package ID" in error else command.place_of("--features", "-F")
            )
            yield Finding(command.path, f"`{command.text}` is refused by cargo: {error}", line, column, level="note")


def _as_note(finding: Finding) -> Finding:
    return Finding(finding.path, finding.message, finding.line, finding.column, help=finding.help, level="note")
