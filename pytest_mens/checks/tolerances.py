"""Shared f32 primitives are compared tightly, end-to-end training loosely, and no one tolerance serves both."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import comparisons, flow, scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.comparisons import Site
    from pytest_mens.views.flow import Flow, Frame, Place


@dataclass(frozen=True)
class Params:
    """Limits and evidence of the rule.

    Packages that use one of `libraries` are read, there the files that name one of `crates`. The class of a test is
    the first whose evidence, a regular expression, is found in what the test calls or names: `end_to_end`, `whole`
    (a model or block against itself), `primitive`. Calls are written `receiver.name(count)` or `path(count)`.
    """

    libraries: tuple[str, ...]
    crates: tuple[str, ...]
    end_to_end: str
    whole: str
    primitive: str
    tight: float
    loose: float
    exclude: tuple[str, ...] = ()
    loosened: float = 10.0


_CLASSES = {"E": "end-to-end", "G": "whole-model", "P": "primitive"}


@dataclass(frozen=True, eq=False)
class Judged:
    """One comparison with the class of its test, and the constants that its tolerance comes from."""

    site: Site
    kind: str
    test: str
    symbols: tuple[Place, ...]


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge every comparison within a tolerance in tests of tensor code, and what a change did to them."""
    judged = list(_judged(target, params))
    if not judged:
        raise SubjectMissingError(
            f"no test that compares tensors within a tolerance in any package that uses {', '.join(params.libraries)}"
        )
    seen: set[tuple[str, int, int]] = set()
    shared = list(_shared(judged))
    for finding in (*shared, *(one for item in judged for one in _limits(item, params))):
        key = (finding.path, finding.line, finding.column)
        if key not in seen:
            seen.add(key)
            yield finding
    if target.base is not None:
        before = list(_judged(target.base, params))
        yield from _loosened(judged, before, params)
        reported = {(finding.path, finding.line) for finding in shared}
        for finding in _unified(judged, before):
            if (finding.path, finding.line) not in reported:
                yield finding


# --- sites and classes ----------------------------------------------------------------------------------------------


def _judged(target: Target, params: Params) -> Iterator[Judged]:
    engine = flow.flow(target)
    packages = scope.users(target, params.libraries, params.exclude)
    for frame in comparisons.in_packages(target, packages, params.crates):
        found = [site for site in comparisons.sites(engine, frame) if not site.exact]
        kind = _class(engine, frame, params) if found else None
        if kind is None or frame.body.function is None:
            continue
        for site in (one for one in found if _of_tensors(engine, one, params)):
            yield Judged(site, kind, frame.body.function.name, tuple(comparisons.symbols(engine, site.tolerance)))


def _class(engine: Flow, frame: Frame, params: Params) -> str | None:
    evidence = "\n".join(_evidence(engine, frame))
    for kind, pattern in (("E", params.end_to_end), ("G", params.whole), ("P", params.primitive)):
        if re.search(pattern, evidence, re.MULTILINE):
            return kind
    return None


def _evidence(engine: Flow, frame: Frame) -> Iterator[str]:
    """Give what a test and its helpers call and name, one a line."""
    helpers = comparisons.helpers(engine, frame)
    deeper = [inner for helper in helpers for inner in comparisons.helpers(engine, helper)]
    for inside in (frame, *helpers, *deeper):
        body = inside.body
        for call in body.calls:
            yield from _named(flow.Place(call, inside))
        for atom in body.atoms(body.node):
            if atom.kind == "type":
                yield body.text(atom.node)


def _named(call: Place) -> Iterator[str]:
    body = call.body
    callee = body.callee(call.node)
    if callee is None:
        return
    count = len(flow.arguments(call.node))
    if callee.receiver is None:
        path = body.source.resolve(callee.segments, call.node.start_byte)
        yield f"{'::'.join(path)}({count})"
        yield from path[:-1]
    else:
        receiver = re.split(r"\W+", body.text(flow.strip(callee.receiver)).rstrip("()?"))[-1]
        yield f"{receiver}.{callee.name}({count})"


def _of_tensors(engine: Flow, site: Site, params: Params) -> bool:
    """Tell whether a compared value comes from tensor code; a learning rate in a training test does not."""
    trace = engine.trace(*(side for side in (site.left, site.right) if side is not None))
    if any(path[0] in params.crates for path in trace.paths):
        return True
    entered = [frame for call in trace.calls if (frame := engine.call(call.place)) is not None]
    places = [call.place for call in trace.calls]
    places.extend(flow.Place(call, frame) for frame in entered for call in frame.body.calls)
    evidence = "\n".join(line for place in places for line in _named(place))
    return any(
        re.search(pattern, evidence, re.MULTILINE) for pattern in (params.end_to_end, params.whole, params.primitive)
    )


# --- snapshot -------------------------------------------------------------------------------------------------------


def _limits(item: Judged, params: Params) -> Iterator[Finding]:
    value = item.site.value
    if value is None:
        return
    if item.kind == "P" and value > params.tight * (1 + 1e-9):
        never = value >= 1e30
        what = "can never fail" if never else f"is above {params.tight:g}"
        message = f"`{item.test}` compares a shared f32 primitive within {_text(item.site)}, which {what}"
        yield _at(item, message, f"compare within at most {params.tight:g}")
    if item.kind == "E" and value < params.loose and not item.site.relative:
        message = (
            f"`{item.test}` pins end-to-end training elementwise to {_text(item.site)}, which is below {params.loose:g}"
        )
        yield _at(item, message, "compare a trend or a mean, or widen the tolerance")


def _text(site: Site) -> str:
    place = site.tolerance
    if place is not None and site.helper is not None and place.text in site.helper.given:
        place = site.helper.given[place.text]
    text = "" if place is None else " ".join(place.text.split())
    number = "" if site.value is None else f"{site.value:g}"
    return f"`{text}`" if not number or _same_number(text, number) else f"`{text}` ({number})"


def _same_number(text: str, number: str) -> bool:
    try:
        return float(text.replace("_", "").removesuffix("f32").removesuffix("f64")) == float(number)
    except ValueError:
        return False


def _at(item: Judged, message: str, help_text: str) -> Finding:
    anchor = item.site.anchor
    file = anchor.body.file
    line, column = anchor.position
    related = []
    if item.site.anchor is not item.site.place:
        place = item.site.place
        related.append(Related(place.body.file.path, *place.position, "compared here"))
    related.extend(Related(one.body.file.path, *one.position, "the tolerance comes from here") for one in item.symbols)
    return Finding(
        file.path, message, line, column, file.end_position(anchor.node), help=help_text, related=tuple(related)
    )


def _shared(judged: Sequence[Judged]) -> Iterator[Finding]:
    """Yield the constants, and the literals inside helpers, that serve comparisons of more than one class."""
    users: dict[tuple[str, int], list[tuple[Place, Judged]]] = defaultdict(list)
    for item in judged:
        places = list(item.symbols)
        hard_coded = item.site.helper is not None and item.site.anchor is item.site.place
        if not places and hard_coded:
            places = [item.site.place]
        for place in places:
            users[place.body.file.path, place.node.start_byte].append((place, item))
    for entries in users.values():
        classes = sorted({item.kind for _, item in entries}, reverse=True)
        if len(classes) < 2:
            continue
        place = entries[0][0]
        named = place.node.child_by_field_name("name")
        symbol = f"`{place.body.text(named)}`" if named is not None else f"the literal {_text(entries[0][1].site)}"
        kinds = " and ".join(_CLASSES[kind] for kind in classes)
        tests = sorted({item.test for _, item in entries})
        message = f"{symbol} is the tolerance of {kinds} comparisons: {', '.join(tests[:4])}"
        related = tuple(
            Related(item.site.anchor.body.file.path, *item.site.anchor.position, f"{_CLASSES[item.kind]} comparison")
            for _, item in entries[:6]
        )
        line, column = place.position
        help_text = "give each class of comparison its own tolerance"
        yield Finding(place.body.file.path, message, line, column, help=help_text, related=related)


# --- change ---------------------------------------------------------------------------------------------------------


def _pairs(judged: Sequence[Judged], before: Sequence[Judged]) -> Iterator[tuple[Judged, Judged]]:
    """Pair the comparisons of tests that both trees have, in order; files may have moved."""
    old, new = _by_test(before), _by_test(judged)
    for (path, name), items in new.items():
        there = old.get((path, name))
        if there is None:
            moved = [found for (_, other), found in old.items() if other == name]
            there = moved[0] if len(moved) == 1 else None
        if there is None:
            gone = [found for (where, other), found in old.items() if where == path and (path, other) not in new]
            same = [found for found in gone if len(found) == len(items)]
            there = same[0] if len(same) == 1 else []
        yield from zip(items, there, strict=False)


def _by_test(judged: Sequence[Judged]) -> dict[tuple[str, str], list[Judged]]:
    found: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for item in judged:
        found[item.site.test.body.file.path, item.test].append(item)
    return found


def _loosened(judged: Sequence[Judged], before: Sequence[Judged], params: Params) -> Iterator[Finding]:
    seen = set()
    for item, old in _pairs(judged, before):
        new_value, old_value = item.site.value, old.site.value
        if not new_value or not old_value or new_value < old_value * params.loosened * (1 - 1e-6):
            continue
        message = f"`{item.test}` was loosened from {_text(old.site)} to {_text(item.site)}"
        finding = _at(item, message, "keep the tolerance, or mend what made the test fail")
        if (finding.path, finding.line) not in seen:
            seen.add((finding.path, finding.line))
            yield finding


def _unified(judged: Sequence[Judged], before: Sequence[Judged]) -> Iterator[Finding]:
    """Yield the constants that replaced several tolerances of the base."""
    replaced: dict[tuple[str, int], list[tuple[Place, Judged, Judged]]] = defaultdict(list)
    for item, old in _pairs(judged, before):
        known = {_symbol_name(symbol) for symbol in old.symbols}
        for symbol in item.symbols:
            if _symbol_name(symbol) not in known:
                replaced[symbol.body.file.path, symbol.node.start_byte].append((symbol, item, old))
    for entries in replaced.values():
        symbol = entries[0][0]
        values = {old.site.value for _, _, old in entries}
        files = {item.site.test.body.file.path for _, item, _ in entries}
        if len(entries) < 2 or (len(values) < 2 and files <= {symbol.body.file.path}):
            continue
        shown = ", ".join(sorted({_text(old.site) for _, _, old in entries}))
        message = f"`{_symbol_name(symbol)}` replaces {len(entries)} tolerances of single tests ({shown})"
        related = tuple(
            Related(item.site.anchor.body.file.path, *item.site.anchor.position, f"was {_text(old.site)}")
            for _, item, old in entries[:6]
        )
        line, column = symbol.position
        help_text = "keep one tolerance for each comparison"
        yield Finding(symbol.body.file.path, message, line, column, help=help_text, related=related)


def _symbol_name(symbol: Place) -> str:
    name = symbol.node.child_by_field_name("name")
    return "" if name is None else symbol.body.text(name)
