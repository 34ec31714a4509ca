"""A git repository as files: where its parts lie, whether they may be used, and what its revision names mean.

Everything here is read in Python, because git itself would obey the repository's configuration. Sources:
gitrepository-layout(5), gitrevisions(7), git-check-ref-format(1).
"""

from __future__ import annotations

import os
import re
import stat
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from pytest_mens.model import UnreadableError
from pytest_mens.target import beneath
from pytest_mens.target.errors import TargetError

if TYPE_CHECKING:
    from pathlib import Path

ObjectFormat = Literal["sha1", "sha256"]

_SMALL = 4 * 1024
_CONFIG_LIMIT = 1024 * 1024
_PACKED_REFS_LIMIT = 16 * 1024 * 1024
_SHALLOW_LIMIT = 1024 * 1024
_SCAN_SECONDS = 20
_SYMREF_LIMIT = 5

_REVISION = re.compile(r"(?P<name>[^~^]+)(?P<steps>(?:[~^][0-9]{0,6})*)")
_UNFIT = re.compile(r"[\x00-\x20\x7f:?*\[\\]|\.\.|@\{|//|(?:^|/)\.|\.lock(?:/|$)|/$|\.$|^-|^/")
_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT_ID = re.compile(r"[0-9a-f]{4,64}")
_PLACES = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
"""Where a name is looked for, in the order of gitrevisions(7)."""

SHALLOW_HINT = "the clone is shallow: fetch more history (actions/checkout: fetch-depth: 0)"


class Revision(NamedTuple):
    """A revision of which git gets to see nothing but hexadecimal digits and steps such as `~2^1`."""

    id: str
    steps: str

    def __str__(self) -> str:
        return self.id + self.steps


@dataclass(frozen=True)
class Repository:
    """A repository that may be used: `git_dir` holds HEAD, `common_dir` the refs and objects."""

    git_dir: Path
    common_dir: Path
    object_format: ObjectFormat
    shallow: bytes
    """The ids at which the history is cut, one a line; empty for a whole clone."""

    @property
    def objects(self) -> Path:
        """The object store."""
        return self.common_dir / "objects"

    def resolve(self, text: str) -> Revision:
        """Give the id that a revision as typed stands for; raise TargetError."""
        match = _REVISION.fullmatch(text)
        if match is None or _UNFIT.search(match["name"]):
            raise TargetError(
                f"{text!r} is no revision that is understood here: give a branch, a tag, HEAD or an id,"
                " each also with ~N or ^N behind it"
            )
        name = "HEAD" if match["name"] == "@" else match["name"]
        return Revision(self._id(name, text), match["steps"])

    def _id(self, name: str, text: str) -> str:
        if _FULL_ID.fullmatch(name.lower()):
            return name.lower()
        found = self._follow(self.git_dir, "HEAD") if name == "HEAD" else self._ref(name)
        if found is None and _SHORT_ID.fullmatch(name.lower()):
            return name.lower()
        if found is None:
            raise TargetError(f"unknown revision {text!r}{self._why_unknown(name)}")
        return found

    def _why_unknown(self, name: str) -> str:
        if _is_there(self.common_dir / "reftable"):
            return ": the repository keeps its names in a reftable, which is not read here; give the full id"
        if name == "HEAD":
            return ": there is no commit yet, or HEAD cannot be read"
        return f": {SHALLOW_HINT}" if self.shallow else ""

    def _ref(self, name: str) -> str | None:
        for place in _PLACES:
            ref = place.format(name)
            if ref.startswith("refs/") and (found := self._follow(self.common_dir, ref)):
                return found
        return None

    def _follow(self, folder: Path, ref: str) -> str | None:
        """Follow symbolic references from one file to an id."""
        for _ in range(_SYMREF_LIMIT):
            content = _read(folder, ref, _SMALL)
            if content is None:
                return self._packed(ref)
            text = content.decode("utf-8", "replace").strip()
            if _FULL_ID.fullmatch(text):
                return text
            ref, folder = text.removeprefix("ref:").strip(), self.common_dir
            if not text.startswith("ref:") or not ref.startswith("refs/") or _UNFIT.search(ref):
                return None
        return None

    def _packed(self, ref: str) -> str | None:
        content = _read(self.common_dir, "packed-refs", _PACKED_REFS_LIMIT) or b""
        match = re.search(rb"^([0-9a-f]{40,64}) " + re.escape(beneath.to_bytes(ref)) + rb"\r?$", content, re.MULTILINE)
        return match[1].decode() if match else None


def is_bare(root: Path) -> bool:
    """Tell a bare repository by what git itself looks for at the top of a directory without `.git`."""
    has_refs = _is_there(root / "refs") or _is_there(root / "packed-refs")
    return not _is_there(root / ".git") and _is_there(root / "HEAD") and (root / "objects").is_dir() and has_refs


def open_repository(root: Path, wanted: str) -> Repository:
    """Find the repository of the directory `root` itself, never of one above it, and check it; raise TargetError.

    `wanted` is the revision for whose sake it is opened.
    """
    git_dir, common_dir = (root, root) if is_bare(root) else _git_dirs(root, wanted)
    _check_objects(common_dir / "objects")
    config = _read(common_dir, "config", _CONFIG_LIMIT) or b""
    is_sha256 = _setting(config, "extensions", "objectformat") == "sha256"
    shallow = _read(common_dir, "shallow", _SHALLOW_LIMIT) or b""
    if not re.fullmatch(rb"(?:[0-9a-f]{40,64}\n)*", shallow):
        raise TargetError("the list of cut commits (.git/shallow) of the target is malformed")
    return Repository(git_dir, common_dir, "sha256" if is_sha256 else "sha1", shallow)


def linked_index(root: Path, limit: int) -> bytes | None:
    """Give the index of a linked worktree or submodule, whose `.git` is a file; None if there is none to be used."""
    try:
        git_dir, _ = _linked(root, root / ".git")
    except TargetError:
        return None
    return _read(git_dir, "index", limit)


def _git_dirs(root: Path, wanted: str) -> tuple[Path, Path]:
    """Give the git directory and the common directory of a working tree."""
    place = root / ".git"
    try:
        mode = place.lstat().st_mode
    except OSError:
        raise TargetError(f"{root} is no git repository, so it has no revision {wanted!r}") from None
    if stat.S_ISDIR(mode):
        if not _is_there(place / "HEAD"):
            raise TargetError(f"{root} has no HEAD in its .git, so it has no revision {wanted!r}")
        return place, place
    if not stat.S_ISREG(mode):
        raise TargetError(f"{place} is neither a directory nor a file with a gitdir line")
    return _linked(root, place)


def _linked(root: Path, place: Path) -> tuple[Path, Path]:
    """Follow a `.git` file if what it names points back to it: a linked worktree, or a submodule."""
    content = (_read(root, ".git", _SMALL) or b"").decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not content.startswith("gitdir: ") or "\n" in content or "\0" in content:
        raise TargetError(f"{place} is a file without a gitdir line")
    git_dir = (root / content.removeprefix("gitdir: ")).resolve()
    if (back := _line(git_dir, "gitdir")) and (git_dir / back).resolve() == place.resolve():
        common_dir = (git_dir / (_line(git_dir, "commondir") or ".")).resolve()
        if git_dir.parent == common_dir / "worktrees":
            return git_dir, common_dir
    config = _read(git_dir, "config", _CONFIG_LIMIT) or b""
    if (back := _setting(config, "core", "worktree")) and (git_dir / back).resolve() == root.resolve():
        return git_dir, git_dir
    raise TargetError(f"{place} has a gitdir line that leads to a directory which does not point back to the target")


def _is_there(path: Path) -> bool:
    """Tell whether anything is at `path`, be it a link that leads nowhere."""
    return os.path.lexists(path)


def _line(folder: Path, name: str) -> str | None:
    content = _read(folder, name, _SMALL)
    text = content.decode("utf-8", "surrogateescape").rstrip("\r\n") if content else ""
    return text if text and "\n" not in text and "\0" not in text else None


def _setting(config: bytes, section: str, key: str) -> str | None:
    """Give one plain `key = value` of one `[section]` of a git configuration; the last one counts."""
    found = None
    current = ""
    for raw in config.decode("utf-8", "surrogateescape").split("\n"):
        line = raw.strip()
        if line.startswith("["):
            current = line[1:].partition("]")[0].strip().lower()
            line = line.partition("]")[2].strip()
        name, equals, value = line.partition("=")
        if current == section and equals and name.strip().lower() == key:
            found = value.strip().strip('"')
    return found


def _check_objects(objects: Path) -> None:
    """Refuse an object store that leads elsewhere or would make git wait: only directories and regular files."""
    deadline = time.monotonic() + _SCAN_SECONDS
    if _is_there(objects / "info" / "alternates"):
        raise TargetError(
            f"{objects}/info/alternates makes git read objects from elsewhere, which is refused:"
            " make the clone independent (git repack -a -d, then remove the file)"
        )
    if objects.is_symlink() or not objects.is_dir():
        raise TargetError(f"{objects} is not a directory: the object store must lie there itself")
    folders = [os.fspath(objects)]
    while folders:
        if time.monotonic() > deadline:
            raise TargetError(f"{objects} holds too many files to check in {_SCAN_SECONDS} seconds")
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif not entry.is_file(follow_symlinks=False):
                        raise TargetError(f"{entry.path} in the object store is not a regular file")
        except OSError as error:
            raise TargetError(f"{objects} cannot be listed: {error.strerror}") from None


def _read(folder: Path, path: str, limit: int) -> bytes | None:
    """Read a small file of a git directory; None when it is not there or not to be used."""
    try:
        root = beneath.open_root(os.fspath(folder))
    except OSError:
        return None
    try:
        return beneath.read_file(root, path, limit)[0]
    except (FileNotFoundError, UnreadableError):
        return None
    finally:
        root.close()
