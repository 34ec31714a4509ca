"""From what the user typed to a target: every mistake is one TargetError."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_mens.target import Target
from pytest_mens.target.errors import TargetError
from pytest_mens.target.git import Git
from pytest_mens.target.repository import SHALLOW_HINT, is_bare, open_repository
from pytest_mens.target.revision import RevisionTree, Store
from pytest_mens.target.tree import WorkingTree

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mens.target import Tree

__all__ = ["Opened", "TargetError", "open_target"]

_CONTROL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
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
    if rev is not None or base is not None:
        return _with_git(root, repo, rev, base)
    if is_bare(root):
        raise TargetError(f"--mens-repo={repo} is a bare repository: say which revision with --mens-rev=REV")
    _refuse_empty(root, repo)
    return Opened(Target(WorkingTree(root, root.name)), root, f"{repo} (working tree)")


def _with_git(root: Path, repo: str, rev: str | None, base: str | None) -> Opened:
    """Open what needs the object store."""
    repository = open_repository(root, rev or base or "HEAD")
    if rev is None and repository.git_dir == root:
        raise TargetError(f"--mens-repo={repo} is a bare repository: say which revision with --mens-rev=REV")
    head = repository.resolve("HEAD" if rev is None else rev)
    other = None if base is None else repository.resolve(base)
    if {len(head.id), len(other.id if other else head.id)} == {64}:
        repository = replace(repository, object_format="sha256")  # a repository may have lost its configuration
    store = Store(Git(repository, root))
    hint = SHALLOW_HINT if repository.shallow else ""
    commit = store.commit(head, rev or "HEAD", hint)
    tree: Tree
    if rev is None:
        _refuse_empty(root, repo)
        tree, what = WorkingTree(root, root.name), f"{repo} (working tree)"
    else:
        tree, what = RevisionTree(store, commit, f"{root.name}@{rev}"), f"{repo} at {_named(rev, commit)}"
    if other is None or base is None:
        return Opened(Target(tree), None, what)
    base_commit = store.commit(other, base, hint)
    merge_base = store.merge_base(commit, base_commit)
    if merge_base is None:
        because = SHALLOW_HINT if hint else "their histories are unrelated; give another --mens-base"
        raise TargetError(
            f"{_named(rev or 'HEAD', commit)} and {_named(base, base_commit)} have no merge base: {because}"
        )
    base_target = Target(RevisionTree(store, merge_base, f"{root.name}@{merge_base[:12]}"))
    what += f", compared with {merge_base[:12]}, the merge base with {_named(base, base_commit)}"
    return Opened(Target(tree, base_target), root if rev is None else None, what)


def _named(text: str, commit: str) -> str:
    """Name a revision as it was typed, with the commit it is."""
    return text if commit.startswith(text) else f"{text} ({commit[:12]})"


def _resolve(path: str, start: Path) -> Path:
    """Check what was typed; links are resolved here, once."""
    if not path:
        raise TargetError("--mens-repo= needs the path of a directory")
    if any(unicodedata.category(character) in _CONTROL for character in path):
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
