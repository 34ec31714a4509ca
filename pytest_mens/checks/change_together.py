"""A change of some files wants a change of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding
from pytest_mens.target import globs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target
    from pytest_mens.target.change import Change


@dataclass(frozen=True)
class Params:
    """Globs as in a .gitignore: a change of any file of `when` (without `unless`) wants one of a file of `then`."""

    when: tuple[str, ...]
    then: tuple[str, ...]
    unless: tuple[str, ...] = ()
    help: str = ""


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Yield a finding at the first changed line of every file whose companions were left alone."""
    target.require_base()
    change = target.change
    then = globs.matcher(params.then)
    if any(then(path) for path in change.paths):
        return
    when, unless = globs.matcher(params.when), globs.matcher(params.unless)
    wanted = " or ".join(map(repr, params.then))
    for path in change.paths:
        if when(path) and not (params.unless and unless(path)):
            what = "was added" if path in change.added else "was removed" if path in change.removed else "changed"
            yield Finding(
                path, f"{path!r} {what}, but nothing of {wanted}", _first_line(change, path), help=params.help
            )


def _first_line(change: Change, path: str) -> int:
    if path in change.removed:
        return 1
    hunks = change.hunks(path)
    return max(1, hunks[0].head.start) if hunks else 1
