"""A tree: the files of a working tree, of a revision or of an overlay, behind one interface."""

from __future__ import annotations

import os
import time
import weakref
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from pytest_mens.model import UnreadableError
from pytest_mens.target import beneath, index
from pytest_mens.target.ids import object_id
from pytest_mens.target.ignore import Ignore
from pytest_mens.target.repository import linked_index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

TEXT_LIMIT = 2 * 1024 * 1024
"""Bytes of the largest text file that is read."""
TOML_LIMIT = 512 * 1024
YAML_LIMIT = 512 * 1024
READ_LIMIT = 256 * 1024 * 1024
"""Bytes that one run reads of one tree."""
ENTRIES_LIMIT = 200_000
DEPTH_LIMIT = 200
WALK_SECONDS = 20

FILE_SUFFIXES = (".rs", ".md", ".toml", ".yml", ".yaml")
"""A directory named like this stands where a file is looked for: it is listed as one, and reading it says so."""
LFS_HEADER = b"version https://git-lfs.github.com/spec/"
LFS_POINTER = "Git LFS pointer, not the file itself"


class Budget:
    """How much one run still reads of one tree."""

    def __init__(self) -> None:
        self._left = READ_LIMIT

    def limit(self, limit: int) -> int:
        """Give how large a file may be."""
        return min(limit, self._left)

    def spend(self, size: int) -> None:
        """Take what was read off the budget."""
        self._left -= size

    def explain(self, error: UnreadableError, limit: int) -> UnreadableError:
        """Say of a file that only the budget made too large that it is so."""
        if limit > self._left and error.reason == beneath.too_large(self._left):
            return UnreadableError(error.path, f"larger than what is left of {READ_LIMIT} bytes for one run")
        return error


class Tree(Protocol):
    """Lists paths and reads bytes; nothing above it knows where they come from."""

    label: str
    """How messages and ids name the tree, such as `vox` or `vox@v1.2`."""

    def paths(self) -> tuple[str, ...]:
        """Give every file, relative to the root, POSIX separators, sorted."""

    def obstacles(self) -> Mapping[str, str]:
        """Give what stands in the way of a whole listing: symbolic links and closed directories, with the reason."""

    def read(self, path: str, limit: int) -> bytes:
        """Give the whole content of `path`; raise UnreadableError, also when it is larger than `limit` bytes."""

    def link(self, path: str) -> str:
        """Give the text of a symbolic link; raise UnreadableError."""

    def prepare(self, paths: Sequence[str], limit: int) -> None:
        """Expect that these files are read next."""

    def blob_id(self, path: str, length: int = 40) -> str:
        """Give the git id, of `length` digits, of the content of a file or the text of a link; raise UnreadableError.

        A revision only has the ids of its repository.
        """

    def matches(self, path: str, blob_id: str) -> bool:
        """Tell whether a file or link has the content with this git id; raise UnreadableError."""


class WorkingTree:
    """The files of a directory: walked without git, symbolic links listed and never followed, nothing written.

    Ignored directories are pruned, except for the files in them that git tracks. A nested repository is one thing, as
    it is for git, so what lies in it is not listed.
    """

    def __init__(self, root: Path, label: str) -> None:
        self.root = root
        self.label = label
        self._opened: beneath.Root | None = None
        self._listing: _Listing | None = None
        self._stamps: dict[str, beneath.Stamp] = {}
        self._budget = Budget()

    def paths(self) -> tuple[str, ...]:
        """Give every file below the root that is not in an ignored directory, relative, sorted."""
        return self._list().paths

    def obstacles(self) -> Mapping[str, str]:
        """Give the symbolic links and the directories that could not be listed, each with the reason."""
        return self._list().obstacles

    def read(self, path: str, limit: int) -> bytes:
        """Read a regular file whole; raise UnreadableError otherwise."""
        try:
            data, stamp = beneath.read_file(self._open(), path, self._budget.limit(limit))
        except FileNotFoundError:
            raise UnreadableError(path, beneath.VANISHED) from None
        except UnreadableError as error:
            raise self._budget.explain(error, limit) from None
        if self._stamps.setdefault(path, stamp) != stamp:
            raise UnreadableError(path, beneath.CHANGED)
        self._budget.spend(len(data))
        return data

    def link(self, path: str) -> str:
        """Read where a link leads, without going there."""
        return beneath.read_link(self._open(), path).decode("utf-8", "surrogateescape")

    def prepare(self, paths: Sequence[str], limit: int) -> None:
        """Nothing is gained by reading files in advance."""

    def blob_id(self, path: str, length: int = 40) -> str:
        """Hash the content of a file, or the text of a link."""
        try:
            if path in self.obstacles():
                return object_id("blob", beneath.read_link(self._open(), path), length)
            return beneath.blob_id(self._open(), path, READ_LIMIT, length)
        except FileNotFoundError:
            raise UnreadableError(path, beneath.VANISHED) from None

    def matches(self, path: str, blob_id: str) -> bool:
        """Hash the content; a text whose lines end in CR LF also matches as git would store it, with LF alone."""
        if self.blob_id(path, len(blob_id)) == blob_id:
            return True
        if path in self.obstacles():
            return False
        try:
            data = self.read(path, TEXT_LIMIT)
        except UnreadableError:
            return False
        return b"\r\n" in data and object_id("blob", data.replace(b"\r\n", b"\n"), len(blob_id)) == blob_id

    def _open(self) -> beneath.Root:
        if self._opened is None:
            try:
                self._opened = beneath.open_root(os.fspath(self.root))
            except OSError as error:
                raise UnreadableError(".", beneath.reason_of(error)) from None
            weakref.finalize(self, self._opened.close)
        return self._opened

    def _list(self) -> _Listing:
        if self._listing is None:
            self._listing = _Walk(self._open(), self.root).run()
        return self._listing


class _Listing(NamedTuple):
    paths: tuple[str, ...]
    obstacles: dict[str, str]


class _Walk:
    """One walk through a working tree, bounded in depth, entries and time."""

    def __init__(self, root: beneath.Root, place: Path) -> None:
        self._root = root
        self._ignore = Ignore(self._read)
        self._tracked, self._tracked_folders = _tracked(place, self._read)
        self._files: list[str] = []
        self._obstacles: dict[str, str] = {}
        self._seen = 0

    def run(self) -> _Listing:
        """List everything, parents before what is in them."""
        deadline = time.monotonic() + WALK_SECONDS
        folders = [""]
        while folders:
            folder = folders.pop()
            if self._seen > ENTRIES_LIMIT:
                return _Listing((), {"": f"too many files (more than {ENTRIES_LIMIT})"})
            if time.monotonic() > deadline:
                return _Listing((), {"": f"too many files to list in {WALK_SECONDS} seconds"})
            folders.extend(self._folder(folder))
        return _Listing(tuple(sorted(self._files)), self._obstacles)

    def _folder(self, folder: str) -> list[str]:
        """List one directory; give the directories in it that are to be listed too."""
        if folder.count("/") >= DEPTH_LIMIT:
            self._obstacles[folder] = f"directory too deep (more than {DEPTH_LIMIT} levels)"
            return []
        try:
            found = self._scan(folder)
        except UnreadableError as error:
            self._obstacles[folder] = error.reason
            return []
        if folder and folder not in self._tracked_folders and any(name == ".git" for name, _ in found):
            return []  # another repository: git looks at it as one thing
        prefix = f"{folder}/" if folder else ""
        inner = []
        for name, kind in found:
            path = prefix + name
            if name.lower() == ".git":
                continue
            if kind == "folder":
                if path in self._tracked_folders or not self._ignore.directory(path):
                    inner.append(path)
            elif path in self._tracked or not self._ignore.directory(folder):
                self._files.append(path)
                if kind == "link":
                    self._obstacles[path] = beneath.SYMBOLIC_LINK
        self._files.extend(path for path in inner if path.endswith(FILE_SUFFIXES))
        return inner

    def _scan(self, folder: str) -> list[tuple[str, _Kind]]:
        try:
            handle = beneath.open_folder(self._root.handle, folder)
            try:
                with os.scandir(handle) as entries:
                    found = [(beneath.to_text(entry.name), _kind(entry)) for entry in entries]
            finally:
                os.close(handle)
        except OSError as error:
            raise UnreadableError(folder, beneath.reason_of(error)) from None
        self._seen += len(found)
        return found

    def _read(self, path: str, limit: int) -> bytes:
        return beneath.read_file(self._root, path, limit)[0]


_Kind = Literal["link", "folder", "file"]


def _kind(entry: os.DirEntry[str]) -> _Kind:
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir(follow_symlinks=False) else "file"


def _tracked(root: Path, read: Callable[[str, int], bytes]) -> tuple[frozenset[str], frozenset[str]]:
    """Give the files that git tracks and the directories above them; nothing where there is no readable index."""
    try:
        data: bytes | None = read(".git/index", index.INDEX_LIMIT)
    except FileNotFoundError:
        data = None
    except UnreadableError:
        data = linked_index(root, index.INDEX_LIMIT)
    paths = index.tracked(data) if data else None
    folders: set[str] = set()
    for path in paths or ():
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(paths or ()), frozenset(folders)


class MemoryTree:
    """Files that are given, path to content: what tests of a view or of a checker need."""

    def __init__(self, files: Mapping[str, str | bytes], label: str = "memory") -> None:
        self.label = label
        self._files = {path: data.encode() if isinstance(data, str) else data for path, data in sorted(files.items())}

    def paths(self) -> tuple[str, ...]:
        """Give the paths, sorted."""
        return tuple(self._files)

    def obstacles(self) -> Mapping[str, str]:
        """Nothing stands in the way."""
        return {}

    def read(self, path: str, limit: int) -> bytes:
        """Give what was given."""
        if path not in self._files:
            raise UnreadableError(path, beneath.VANISHED)
        if len(self._files[path]) > limit:
            raise UnreadableError(path, beneath.too_large(limit))
        return self._files[path]

    def link(self, path: str) -> str:
        """There are no links."""
        raise UnreadableError(path, beneath.VANISHED)

    def prepare(self, paths: Sequence[str], limit: int) -> None:
        """Everything is at hand."""

    def blob_id(self, path: str, length: int = 40) -> str:
        """Hash the content."""
        return object_id("blob", self._files[path], length)

    def matches(self, path: str, blob_id: str) -> bool:
        """Hash the content."""
        return self.blob_id(path, len(blob_id)) == blob_id


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

    def obstacles(self) -> Mapping[str, str]:
        """Give the obstacles of the tree below that no edit replaces."""
        return {path: reason for path, reason in self.tree.obstacles().items() if path not in self.edits}

    def read(self, path: str, limit: int) -> bytes:
        """Read the edited content where there is one, else the tree's."""
        if path not in self.edits:
            return self.tree.read(path, limit)
        data = self.edits[path]
        if data is None:
            raise UnreadableError(path, beneath.VANISHED)
        if len(data) > limit:
            raise UnreadableError(path, beneath.too_large(limit))
        return data

    def link(self, path: str) -> str:
        """Ask the tree below: edits make no links."""
        return self.tree.link(path)

    def prepare(self, paths: Sequence[str], limit: int) -> None:
        """Expect that these files are read next."""
        self.tree.prepare([path for path in paths if path not in self.edits], limit)

    def blob_id(self, path: str, length: int = 40) -> str:
        """Hash the edited content where there is one."""
        data = self.edits.get(path)
        return self.tree.blob_id(path, length) if data is None else object_id("blob", data, length)

    def matches(self, path: str, blob_id: str) -> bool:
        """Compare the edited content where there is one."""
        data = self.edits.get(path)
        return self.tree.matches(path, blob_id) if data is None else object_id("blob", data, len(blob_id)) == blob_id


def decode(path: str, data: bytes) -> str:
    """Decode UTF-8 text, dropping one BOM and making CRLF a LF; raise UnreadableError when it is not text."""
    if data.startswith(LFS_HEADER):
        raise UnreadableError(path, LFS_POINTER)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableError(path, "not valid UTF-8") from None
    if 0 in data:  # single bytes are looked for much faster than characters
        raise UnreadableError(path, "NUL byte")
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n") if 13 in data else text
