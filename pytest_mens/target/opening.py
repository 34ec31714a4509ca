"""From what the user typed to a target: every mistake is one TargetError."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.target import Target
from pytest_mens.target.errors import TargetError
from pytest_mens.target.tree import WorkingTree

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Opened", "TargetError", "open_target"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|[^/@\s]+@[^/:\s]+:")


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
    root = _resolve(repo, start)
    if rev is None and base is None:
        if _is_bare(root):
            raise TargetError(f"--mens-repo={repo} is a bare repository: say which revision with --mens-rev=REV")
        _refuse_empty(root, repo)
        return Opened(Target(WorkingTree(root, root.name)), root, f"{repo} (working tree)")
    raise TargetError("revisions are not supported yet")


def _resolve(path: str, start: Path) -> Path:
    """Check what was typed; links are resolved here, once."""
    if not path:
        raise TargetError("--mens-repo= needs the path of a directory")
    if not all(character.isprintable() for character in path):
        raise TargetError(f"--mens-repo={path}: control characters in a path are refused")
    if _URL.match(path) and not os.path.lexists(start / path):
        raise TargetError(f"--mens-repo={path} is a URL: nothing is fetched, give the path of a clone")
    try:
        root = (start / path).resolve(strict=True)
        mode = root.stat().st_mode
    except FileNotFoundError:
        raise TargetError(f"--mens-repo={path} does not exist") from None
    except NotADirectoryError:
        raise TargetError(f"--mens-repo={path} is not a directory") from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its links lead in a circle"
        raise TargetError(f"--mens-repo={path} cannot be opened: {reason}") from None
    if not stat.S_ISDIR(mode):
        raise TargetError(f"--mens-repo={path} is not a directory")
    return root


def _refuse_empty(root: Path, path: str) -> None:
    try:
        with os.scandir(root) as entries:
            if any(entry.name != ".git" for entry in entries):
                return
    except OSError as error:
        raise TargetError(f"--mens-repo={path} cannot be listed: {error.strerror}") from None
    raise TargetError(f"--mens-repo={path} holds no file")


def _is_bare(root: Path) -> bool:
    """Tell a bare repository by what git itself looks for: HEAD, objects and refs at the top."""
    return not os.path.lexists(root / ".git") and all((root / name).exists() for name in ("HEAD", "objects", "refs"))
