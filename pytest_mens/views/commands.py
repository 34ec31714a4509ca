"""Where commands stand: workflow steps with their job, gate manifests with their profiles, runbook tables, fences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mens.target import Target
    from pytest_mens.views.cargo_test import Test, TestId

Place = Literal["workflow", "manifest", "runbook", "fence", "other-ci"]


@dataclass(frozen=True)
class CiLayout:
    """Where a repository keeps its CI; a nested table of a checker's parameters (`ci = {workflows = [...], ...}`).

    `workflows` are globs of the workflows that gate a change. `cli_sources` are globs of the sources of the
    repository's own command line, whose subcommands of the group `cli_group` (as in `tool ci gate --profile x`)
    run a profile of a gate manifest.
    """

    workflows: tuple[str, ...]
    cli_sources: tuple[str, ...] = ()
    cli_group: str = ""


@dataclass(frozen=True)
class Command:
    """One command as a shell would run it. `where` names its job and step, profile and step, or row.

    `enforcing` is false for `if: false`, `continue-on-error`, `|| true` and the like. `cwd` is the folder it runs
    in, relative to the target's root. `delegate` is the workflow command through which CI reaches a manifest step.
    """

    argv: tuple[str, ...]
    path: str
    line: int
    column: int
    place: Place
    where: tuple[str, ...]
    enforcing: bool = True
    environment: tuple[tuple[str, str], ...] = ()
    cwd: str = ""
    delegate: Command | None = None


@dataclass(frozen=True)
class Manifest:
    """A gate manifest: `profiles: {name: {steps: [{command, args}]}}`, found by that shape."""

    path: str
    profiles: Mapping[str, tuple[Command, ...]]


def manifests(target: Target) -> tuple[Manifest, ...]:
    """Give every gate manifest of the target, by path."""
    raise NotImplementedError


def workflow_commands(target: Target, path: str) -> tuple[Command, ...]:
    """Give every command of one GitHub workflow, in order, those that do not enforce included."""
    raise NotImplementedError


def ci_commands(target: Target, layout: CiLayout) -> tuple[Command, ...]:
    """Give every command that CI runs, those of delegated manifest profiles included, enforcing or not."""
    raise NotImplementedError


def ci_runs(target: Target, layout: CiLayout, test: Test | TestId) -> tuple[Command, ...]:
    """Give the enforcing CI commands that run `test` for sure. Empty when CI never runs it."""
    raise NotImplementedError
