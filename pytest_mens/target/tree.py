"""A tree: the files of a working tree, of a revision or of an overlay, behind one interface."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Protocol

from pytest_mens.model import UnreadableError

TEXT_LIMIT = 2 * 1024 * 1024
"""Bytes of the largest text file that is read."""
TOML_LIMIT = 512 * 1024
YAML_LIMIT = 512 * 1024

_LFS_HEADER = b"version https://git-lfs.github.com/spec/"


class Tree(Protocol):
    """Lists paths and reads bytes; nothing above it knows where they come from."""

    label: str
    """How messages and ids name the tree, such as `vox` or `vox@v1.2`."""

    def paths(self) -> tuple[str, ...]:
        """Give every file, relative to the root, POSIX separators, sorted."""

    def read(self, path: str, limit: int) -> bytes:
        """Give the whole content of `path`; raise UnreadableError, also when it is larger than `limit` bytes."""


class WorkingTree:
    """The files of a directory, symbolic links not followed."""

    def __init__(self, root: Path, label: str) -> None:
        self.root = root
        self.label = label
        self._paths: tuple[str, ...] | None = None

    def paths(self) -> tuple[str, ...]:
        """Give every file below the root that is not ignored, relative, sorted."""
        if self._paths is None:
            found: list[str] = []
            for folder, folders, files in os.walk(self.root):
                folders[:] = [name for name in folders if name != ".git"]
                below = Path(folder).relative_to(self.root).as_posix()
                prefix = "" if below == "." else below + "/"
                found.extend(prefix + name for name in files)
            self._paths = tuple(sorted(found))
        return self._paths

    def read(self, path: str, limit: int) -> bytes:
        """Read a regular file whole; raise UnreadableError otherwise."""
        full = self.root / path
        try:
            status = full.lstat()
            if stat.S_ISLNK(status.st_mode):
                raise UnreadableError(path, "symbolic link")
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError(path, "not a regular file")
            if status.st_size > limit:
                raise UnreadableError(path, f"larger than {limit} bytes")
            return full.read_bytes()
        except FileNotFoundError:
            raise UnreadableError(path, "vanished during the run") from None
        except PermissionError:
            raise UnreadableError(path, "permission denied") from None


class OverlayTree:
    """Another tree with some files replaced, added or (value None) removed."""

    def __init__(self, tree: Tree, edits: dict[str, bytes | None], label: str | None = None) -> None:
        self.tree = tree
        self.edits = edits
        self.label = label or tree.label
        kept = set(tree.paths()) | {path for path, data in edits.items() if data is not None}
        self._paths = tuple(sorted(kept - {path for path, data in edits.items() if data is None}))

    def paths(self) -> tuple[str, ...]:
        """Give every file, relative, sorted."""
        return self._paths

    def read(self, path: str, limit: int) -> bytes:
        """Read the edited content where there is one, else the tree's."""
        data = self.edits.get(path)
        if data is None:
            return self.tree.read(path, limit)
        if len(data) > limit:
            raise UnreadableError(path, f"larger than {limit} bytes")
        return data


def decode(path: str, data: bytes) -> str:
    """Decode UTF-8 text, dropping one BOM and making CRLF a LF; raise UnreadableError when it is not text."""
    if b"\0" in data:
        raise UnreadableError(path, "NUL byte")
    if data.startswith(_LFS_HEADER):
        raise UnreadableError(path, "Git LFS pointer, not the file itself")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableError(path, "not valid UTF-8") from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")
