"""What came or went on the surface of a command line between two trees, in words and at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.model import SubjectMissingError
from pytest_mens.views import clap, environment
from pytest_mens.views.surface import Fact, Layout, difference, surface_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.surface import Key

Spot = tuple[str, int, int]
"""A path, line and column."""


class Change(NamedTuple):
    """A fact that came or went; `place` is None when nothing is left of where a gone one stood."""

    text: str
    fact: Fact
    place: Spot | None


def of_surface(target: Target, base: Target, layout: Layout) -> Iterator[Change]:
    """Give the changed commands, flags, aliases, values and defaults; a changed default is one change."""
    old, new = _facts(base, layout), _facts(target, layout)
    gone, come = difference(old, new)
    defaults = [fact for fact in come if fact.kind == "default"]
    for fact in come:
        was = next((other for other in gone if _same_default(other, fact)), None)
        how = f"was `{_quoted(was)}` before" if was else "is new"
        yield Change(f"{fact.text} {how}", fact, _spot(fact))
    for fact in gone:
        if not any(_same_default(fact, other) for other in defaults):
            place = place_of_removal(target, fact.place.path, fact.place.line) or _above(fact, new)
            yield Change(f"{fact.text} is gone", fact, place)


def of_variables(
    target: Target, base: Target, prefixes: Sequence[str], code: Sequence[str], registry: environment.Registry
) -> Iterator[Change]:
    """Give the variables with one of `prefixes` that changed files of `code` began or ceased to read."""
    changed = set(target.change.paths)
    for prefix in prefixes:
        old, new = (
            {
                name
                for path in side.glob(*code)
                if path in changed
                for name in environment.names_read(side, path, prefix, registry)
            }
            for side in (base, target)
        )
        for name in sorted(new - old):
            if not environment.readers(base, name, registry):
                fact = _variable(target, name, registry)
                yield Change(f"the variable {fact.text} is new", fact, _spot(fact))
        for name in sorted(old - new):
            if not environment.readers(target, name, registry):
                fact = _variable(base, name, registry)
                place = place_of_removal(target, fact.place.path, fact.place.line)
                yield Change(f"the variable {fact.text} is not read any more", fact, place)


def place_of_removal(target: Target, path: str, line: int) -> Spot | None:
    """Give the line of the head where that line of the base stood; None when it did not change or the file is gone."""
    back = {old: new for new, old in target.change.renames.items()}
    here = path if target.exists(path) else back.get(path)
    if here is not None:
        lines = max(target.text(here).count("\n"), 1)
        for hunk in target.change.hunks(here):
            if hunk.base.start <= line < max(hunk.base.stop, hunk.base.start + 1):
                return (here, min(max(hunk.head.start, 1), lines), 1)
    return None


def _above(fact: Fact, new: dict[Key, Fact]) -> Spot | None:
    """Give the place of the nearest command that is left above a fact."""
    for length in range(len(fact.command), 0, -1):
        above = new.get(("command", *fact.command[:length]))
        if above is not None:
            return _spot(above)
    return None


def _facts(target: Target, layout: Layout) -> dict[Key, Fact]:
    try:
        return surface_of(target, layout).facts
    except SubjectMissingError:
        return {}


def _variable(side: Target, name: str, registry: environment.Registry) -> Fact:
    at = environment.readers(side, name, registry)[0]
    return Fact("variable", (), name, f"`{name}`", clap.Place(at.path, at.line, at.column))


def _same_default(one: Fact, other: Fact) -> bool:
    return one.kind == other.kind == "default" and (one.command, one.name) == (other.command, other.name)


def _quoted(fact: Fact) -> str:
    return fact.text.split("`")[1]


def _spot(fact: Fact) -> Spot:
    return (fact.place.path, fact.place.line, fact.place.column)
