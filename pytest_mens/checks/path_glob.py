"""A path glob matches some file, or matches none, also as the other operating system reads names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_mens.model import Finding, SubjectMissingError
from pytest_mens.target import globs
from pytest_mens.views import pathnames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target


@dataclass(frozen=True)
class Params:
    """`expect` says whether `globs` (as in a .gitignore) must or must not match; `unless` are exceptions.

    `extensions = "any"` also reads `x.bin.gz` as `x.bin` and `x.gz`. `read_as` names the systems whose reading counts.
    """

    globs: tuple[str, ...]
    expect: Literal["present", "absent"]
    unless: tuple[str, ...] = ()
    extensions: Literal["last", "any"] = "last"
    read_as: tuple[Literal["posix", "windows"], ...] = ("posix", "windows")
    help: str = ""


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Yield every forbidden match, or every glob that nothing matches."""
    paths = [path for path in target.glob("**") if not _matches(path, params.unless, params)]
    if not paths:
        raise SubjectMissingError("the target holds no file that a path glob could judge")
    for glob in params.globs:
        found = [path for path in paths if _matches(path, (glob,), params)]
        if params.expect == "absent":
            for path in found:
                yield Finding(path, f"{path!r} matches {glob!r}, which must match no file", help=params.help)
        elif not found:
            message = f"no file matches {glob!r}, which must match at least one"
            yield Finding(_home(target, glob), message, help=params.help)


def _matches(path: str, patterns: tuple[str, ...], params: Params) -> bool:
    if not patterns:
        return False
    return any(_reading_matches(path, system, patterns, params) for system in params.read_as)


def _reading_matches(path: str, system: pathnames.System, patterns: tuple[str, ...], params: Params) -> bool:
    if system == "windows":
        patterns = tuple(pattern.casefold() for pattern in patterns)
    match = globs.matcher(patterns)
    if system == "posix" and match(path):
        return True
    for reading in pathnames.readings(path, (system,)):
        if match(reading.path):
            return True
        if params.extensions == "any" and any(match(short.path) for short in reading.shortened()):
            return True
    return False


def _home(target: Target, glob: str) -> str:
    """Give the folder in which a match of `glob` was to be expected, as far as it is spelt out and exists."""
    folders: list[str] = []
    for part in glob.lstrip("/").split("/")[:-1]:
        if any(sign in part for sign in "*?[") or not target.is_dir("/".join((*folders, part))):
            break
        folders.append(part)
    return "/".join(folders) or "."
