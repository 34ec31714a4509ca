"""From what the user typed to a target; every mistake is one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree

if TYPE_CHECKING:
    from pathlib import Path


class TargetError(Exception):
    """A target cannot be opened; the message is one line that says what to do."""


@dataclass(frozen=True)
class Opened:
    """An opened target. `root` is its folder on disk, None for a revision; `description` says what is judged."""

    target: Target
    root: Path | None
    description: str


def open_target(repo: str, rev: str | None, base: str | None, start: Path) -> Opened:
    """Open `repo` (relative to `start`), at `rev` if given, with the change since the merge base with `base` if given.

    Raise TargetError.
    """
    if not repo:
        raise TargetError("--mens-repo=PATH needs a path")
    root = start / repo
    if not root.exists():
        raise TargetError(f"--mens-repo={repo}: does not exist")
    if not root.is_dir():
        raise TargetError(f"--mens-repo={repo}: not a directory")
    if rev or base:
        raise TargetError("revisions are not supported yet")
    root = root.resolve()
    target = Target(WorkingTree(root, root.name))
    return Opened(target, root, f"{repo} (working tree)")
