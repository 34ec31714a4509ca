r"""Path names as POSIX and as Windows read them: separators, prefixes, streams, case, trailing dots, extensions.

Sources: POSIX.1-2017 section 4.13 (only `/` separates, every other byte is part of a name); Microsoft, "Naming Files,
Paths, and Namespaces" (`\` and `/` separate, `C:`, `\\server\share`, `\\?\` and `\\.\` prefixes, names that differ in
case only are one, trailing dots and spaces are dropped) and "File Streams" (`name:stream:$TYPE`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

System = Literal["posix", "windows"]

_DEVICE = re.compile(r"[\\/]{2}[?.][\\/](?:UNC[\\/](?P<rest>.*)|(?P<other>.*))?\Z", re.DOTALL | re.IGNORECASE)
_SHARE = re.compile(r"[\\/]{2}[^\\/]+(?:[\\/]+[^\\/]+)?")
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class PathName:
    """One reading of a path: its folders and its last component. Windows names are case-folded."""

    folders: tuple[str, ...]
    name: str

    @property
    def stem(self) -> str:
        """Give the name up to its first dot."""
        return self.name.partition(".")[0]

    @property
    def extensions(self) -> tuple[str, ...]:
        """Give every dot-separated segment after the stem: `("bin", "gz")` of `x.bin.gz`."""
        return tuple(self.name.split(".")[1:])

    @property
    def path(self) -> str:
        """Give it with `/` between the components."""
        return "/".join((*self.folders, self.name))

    def shortened(self) -> Iterator[PathName]:
        """Give the name with each of its extensions as the last one: `x.bin` and `x.gz` of `x.bin.gz`."""
        segments = self.name.split(".")
        for end in range(2, len(segments) + 1):
            yield PathName(self.folders, ".".join(segments[:end]))
            yield PathName(self.folders, f"{segments[0]}.{segments[end - 1]}")


def posix(path: str) -> PathName:
    """Read `path` as POSIX does: only `/` separates, nothing in a name is special."""
    *folders, name = path.split("/")
    return PathName(tuple(part for part in folders if part not in {"", "."}), name)


def windows(path: str) -> PathName:
    r"""Read `path` as Windows does.

    Both separators count; a drive, a UNC share and a `\\?\` or `\\.\` prefix are dropped, as are the stream of the last
    component and the dots and spaces at the end of a component; case is folded.
    """
    parts = re.split(r"[\\/]", _without_prefix(path))
    folders = [_trimmed(part) for part in parts[:-1] if part not in {"", "."}]
    # A drive in the middle is no path Windows would open, but it is how a joined absolute path looks.
    last = _DRIVE.sub("", parts[-1], count=1) if _DRIVE.match(parts[-1]) else parts[-1]
    return PathName(tuple(folders), _trimmed(last.partition(":")[0]))


def readings(path: str, systems: Iterable[System] = ("posix", "windows")) -> tuple[PathName, ...]:
    """Give the readings of `path` on `systems`, each once."""
    readers = {"posix": posix, "windows": windows}
    return tuple(dict.fromkeys(readers[system](path) for system in systems))


def _without_prefix(path: str) -> str:
    device = _DEVICE.match(path)
    if device and device["rest"] is not None:
        path = "//" + device["rest"]
    elif device:
        path = device["other"] or ""
    share = _SHARE.match(path)
    if share:
        return path[share.end() :]
    drive = _DRIVE.match(path)
    return path[drive.end() :] if drive else path


def _trimmed(component: str) -> str:
    if component in {".", ".."}:
        return component
    return component.rstrip(". ").casefold()
