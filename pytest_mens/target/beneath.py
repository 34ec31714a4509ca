"""Opening files below a directory without leaving it: no symbolic link is followed, only regular files are read.

Each component is opened on its own with `O_NOFOLLOW` relative to its parent, in the manner of openat2(2)'s
`RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`, and `fstat` must say "regular file" before the first byte is read.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.model import UnreadableError
from pytest_mens.target import ids

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PART = 4 * 1024 * 1024
_UTF8_NAMES = sys.getfilesystemencoding() == "utf-8"

SYMBOLIC_LINK = "symbolic link"
NOT_REGULAR = "not a regular file"
DENIED = "permission denied"
VANISHED = "vanished during the run"
CHANGED = "changed during the run"


class Stamp(NamedTuple):
    """What stays the same as long as nobody writes to a file."""

    size: int
    modified: int
    inode: int


def to_bytes(path: str) -> bytes:
    """Give the bytes of a path: names are UTF-8 whatever the locale says, other bytes are surrogate escapes."""
    return path.encode("utf-8", "surrogateescape")


def to_text(name: str) -> str:
    """Give a name that the operating system decoded by the locale as UTF-8 with surrogate escapes."""
    return name if _UTF8_NAMES else os.fsencode(name).decode("utf-8", "surrogateescape")


def too_large(limit: int) -> str:
    """Give the reason for a file of more than `limit` bytes."""
    return f"larger than {limit} bytes"


class Root:
    """A directory below which files are read. The folder of the last one stays open: neighbours are read together."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self._folder = handle
        self._path = ""

    def folder(self, path: str, wanted: str) -> int:
        """Open the directory `path`, for `wanted`, as `open_folder` does; it is closed by the next call or `close`."""
        if path != self._path:
            self.close_folder()
            if path:
                self._folder = open_folder(self.handle, path, wanted)
            self._path = path
        return self._folder

    def close_folder(self) -> None:
        """Close the folder that is kept open."""
        if self._folder != self.handle:
            os.close(self._folder)
        self._folder, self._path = self.handle, ""

    def close(self) -> None:
        """Close everything."""
        self.close_folder()
        os.close(self.handle)


def open_root(path: str) -> Root:
    """Open a directory that the user named; only here symbolic links are followed."""
    return Root(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))


def open_folder(root: int, path: str, wanted: str | None = None) -> int:
    """Open the directory `path` below `root` (`""` is the root itself); raise OSError or UnreadableError.

    `wanted` is the file for whose sake it is opened and of which an UnreadableError speaks.
    """
    if not path:
        return os.open(b".", _FOLDER_FLAGS, dir_fd=root)
    wanted = path if wanted is None else wanted
    names = path.split("/")
    folder = root
    try:
        for depth, name in enumerate(names):
            _refuse_special(wanted, name)
            try:
                inner = os.open(to_bytes(name), _FOLDER_FLAGS, dir_fd=folder)
            except OSError as error:
                if error.errno in (errno.ENOTDIR, errno.ELOOP):
                    _refuse_other(folder, name, wanted, "/".join(names[: depth + 1]))
                raise
            if folder != root:
                os.close(folder)
            folder = inner
    except BaseException:
        if folder != root:
            os.close(folder)
        raise
    return folder


def read_file(root: Root, path: str, limit: int) -> tuple[bytes, Stamp]:
    """Read the regular file `path` below `root` whole, with what tells later whether it changed.

    Raise UnreadableError for everything that is not a readable regular file of at most `limit` bytes, and
    FileNotFoundError for a file that is not there.
    """
    parts: list[bytes] = []
    stamp = _read(root, path, limit, lambda _: parts.append)
    return parts[0] if len(parts) == 1 else b"".join(parts), stamp


def blob_id(root: Root, path: str, limit: int, length: int) -> str:
    """Give the git id that the content of a regular file would have, without holding it in memory."""
    digests = []

    def begin(size: int) -> Callable[[bytes], None]:
        digests.append(ids.start("blob", size, length))
        return digests[0].update

    _read(root, path, limit, begin)
    return digests[0].hexdigest()


def read_link(root: Root, path: str) -> bytes:
    """Give the text of a symbolic link, which is never followed."""
    parent, _, name = path.rpartition("/")
    try:
        return os.readlink(to_bytes(name), dir_fd=root.folder(parent, path))
    except OSError as error:
        raise _unreadable(path, error) from None


def _read(root: Root, path: str, limit: int, begin: Callable[[int], Callable[[bytes], None]]) -> Stamp:
    """Hand a file on in parts: `begin` gets its size and gives what takes the parts."""
    handle, before = _open_regular(root, path)
    try:
        if before.st_size > limit:
            raise UnreadableError(path, too_large(limit))
        take = begin(before.st_size)
        size = 0
        # a read that gives all that there was and less than was asked for has come to the end
        while size <= before.st_size and (part := os.read(handle, wanted := min(before.st_size + 1 - size, _PART))):
            size += len(part)
            take(part)
            if size == before.st_size and len(part) < wanted:
                break
        after = os.fstat(handle)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(handle)
    if _stamp(before) != _stamp(after) or size != before.st_size:
        raise UnreadableError(path, CHANGED)
    return _stamp(after)


def _open_regular(root: Root, path: str) -> tuple[int, os.stat_result]:
    parent, _, name = path.rpartition("/")
    _refuse_special(path, name)
    try:
        handle = os.open(to_bytes(name), _FILE_FLAGS, dir_fd=root.folder(parent, path))
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnreadableError(path, SYMBOLIC_LINK) from None
        raise _unreadable(path, error) from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise UnreadableError(path, NOT_REGULAR)
    return handle, status


def _refuse_special(path: str, name: str) -> None:
    """Names that would lead elsewhere: the empty one, the two dots and whatever the system would cut short."""
    if name in ("", ".", "..") or "\0" in name:
        raise UnreadableError(path, "not a path inside the target")


def _refuse_other(folder: int, name: str, path: str, at: str) -> None:
    """Say why a component is no directory that may be entered: a link, or another kind of file."""
    try:
        mode = os.stat(to_bytes(name), dir_fd=folder, follow_symlinks=False).st_mode
    except OSError as error:
        raise _unreadable(path, error) from None
    where = "" if at == path else f" ({at})"
    if stat.S_ISLNK(mode):
        raise UnreadableError(path, SYMBOLIC_LINK + where)
    if not stat.S_ISDIR(mode):
        raise UnreadableError(path, NOT_REGULAR + where)


def reason_of(error: OSError) -> str:
    """Give the reason that an error of the system stands for."""
    if isinstance(error, FileNotFoundError):
        return VANISHED
    if isinstance(error, PermissionError):
        return DENIED
    if error.errno in (errno.ENXIO, errno.EISDIR, errno.ENODEV):  # a socket, a directory, a device without driver
        return NOT_REGULAR
    return f"cannot be read ({error.strerror})"


def _unreadable(path: str, error: OSError) -> UnreadableError:
    return UnreadableError(path, reason_of(error))


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
