"""A git of our own for building repositories, odd objects included."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from pytest_mens.target.opening import Opened, open_target

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"), ("DATE", "2020-01-01T00:00:00Z"))
}


class Repo:
    """A repository under construction."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str, data: bytes | None = None, check: bool = True) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root.parent),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ALLOW_PROTOCOL": "file",
            **_IDENTITY,
        }
        command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=self.root, env=environment, input=data, capture_output=True, check=False)
        if check and done.returncode:
            raise AssertionError((arguments, done.stderr))
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def init(self, *options: str) -> Repo:
        self.root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", *options)
        return self

    def write(self, path: str, content: str | bytes) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    def commit(self, message: str = "m", **files: str | bytes) -> str:
        for path, content in files.items():
            self.write(path, content)
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def blob(self, content: str | bytes) -> str:
        data = content.encode() if isinstance(content, str) else content
        return self.git("hash-object", "-w", "--stdin", data=data)

    def tree(self, *entries: tuple[str, bytes, str]) -> str:
        """Make a tree object as it is asked for, be it malformed: (mode, name, id)."""
        data = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(id_) for mode, name, id_ in entries)
        return self.git("hash-object", "-w", "-t", "tree", "--stdin", "--literally", data=data)

    def commit_tree(self, tree: str, *parents: str) -> str:
        flags = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", *flags, "-m", "m", tree)

    def loose(self, id_: str, kind: str, content: bytes) -> Path:
        """Write a loose object under an id that need not be its own."""
        place = self.root / ".git" / "objects" / id_[:2] / id_[2:]
        place.parent.mkdir(exist_ok=True)
        if place.exists():
            place.unlink()
        place.write_bytes(zlib.compress(b"%s %d\0" % (kind.encode(), len(content)) + content, 1))
        return place

    def lose(self, id_: str) -> None:
        (self.root / ".git" / "objects" / id_[:2] / id_[2:]).unlink()

    def open(self, rev: str | None = None, base: str | None = None) -> Opened:
        return open_target(str(self.root), rev, base, self.root.parent)


@pytest.fixture(scope="session", autouse=True)
def _git_is_there() -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")


@pytest.fixture(scope="session")
def repo_class() -> type[Repo]:
    return Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo").init()


def digest(root: Path) -> str:
    """What must not change: kinds, modes, sizes, times, contents."""
    total = hashlib.sha256()
    for folder, folders, files in os.walk(root):
        for name in sorted((*folders, *files)):
            place = Path(folder, name)
            status = place.lstat()
            total.update(repr((str(place), status.st_mode, status.st_size, status.st_mtime_ns)).encode())
    return total.hexdigest()


@pytest.fixture
def unchanged(tmp_path: Path):
    """Assert after the test that it changed nothing below `tmp_path` since it was asked to look."""
    seen: dict[str, str] = {}

    def look() -> None:
        seen["before"] = digest(tmp_path)

    yield look
    if seen:
        assert digest(tmp_path) == seen["before"]
