"""Where commands stand: workflow steps with their job, gate manifests with their profiles, runbook tables, fences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pytest_mens.target import Target

Place = Literal["workflow", "manifest", "runbook", "fence", "other-ci"]


@dataclass(frozen=True)
class Command:
    """One command as a shell would run it. `where` names its job and step, profile and step, or row.

    `enforcing` is false for `if: false`, `continue-on-error`, `|| true` and the like.
    """

    argv: tuple[str, ...]
    path: str
    line: int
    column: int
    place: Place
    where: tuple[str, ...]
    enforcing: bool = True
    environment: tuple[tuple[str, str], ...] = ()


def ci_commands(target: Target) -> tuple[Command, ...]:
    """Give every command that CI runs, those of delegated manifest profiles included."""
    raise NotImplementedError
