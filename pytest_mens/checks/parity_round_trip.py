"""A live, tight CPU test in CI compares two tensor stacks on one tensor after a quantizing round trip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related
from pytest_mens.views import flow, parity
from pytest_mens.views.commands import CiLayout
from pytest_mens.views.parity import Hardware, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target
    from pytest_mens.views.flow import Binder, Place
    from pytest_mens.views.parity import Compared, Defect, Side


@dataclass(frozen=True)
class Params:
    """The two stacks, the functions of the round trip (regular expressions), the tolerance, and where CI names it."""

    stacks: tuple[Stack, ...]
    quantize: str
    dequantize: str
    tight: float
    hint: str
    hardware: Hardware
    ci: CiLayout


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge the best comparison that a round trip flows into."""
    packages = parity.members(target, params.stacks)
    engine = flow.flow(target)
    candidates = [one for one in parity.compared(target, params.stacks) if _trips(engine, one, params)]
    found = [(one, list(_defects(target, one, params))) for one in candidates]
    if any(not defects for _, defects in found):
        return
    if found:
        one, (defect, *_) = min(found, key=lambda pair: (pair[0].lengths, not pair[0].crosses, len(pair[1])))
        path, (line, column) = one.site.place.body.file.path, one.site.place.position
        related = (Related(path, line, column, "compared here"),)
        yield Finding(defect.path, defect.message, defect.line, defect.column, help=defect.help, related=related)
        return
    names = " and ".join(stack.name for stack in params.stacks)
    message = f"no test compares {names} on a tensor that went through `{params.quantize}` and `{params.dequantize}`"
    help_text = f"add a CPU test that compares both within {params.tight:g}, and let CI run it"
    place = parity.gate(target, params.ci, params.hint)
    if place is None:
        yield Finding(packages[0].manifest, message, help=help_text)
    else:
        manifest = Related(packages[0].manifest, 1, 1, "the package that has both stacks")
        yield Finding(place[0], message, place[1], place[2], help=help_text, related=(manifest,))


def _trips(engine: flow.Flow, one: Compared, params: Params) -> bool:
    """Tell whether a test that uses both stacks has a call of the round trip."""
    patterns = (params.quantize, params.dequantize)
    trace = _whole(engine, one)
    return any(parity.calls(trace, pattern) for pattern in patterns) and parity.uses_all(
        engine, one.site.test, params.stacks
    )


def _whole(engine: flow.Flow, one: Compared) -> flow.Trace:
    return engine.trace(flow.Place(one.site.test.body.node, one.site.test))


def _defects(target: Target, one: Compared, params: Params) -> Iterator[Defect]:
    site = one.site
    path, (line, column) = site.anchor.body.file.path, site.anchor.position
    if one.lengths:
        message = f"`{one.name}` compares only lengths after the round trip"
        yield parity.Defect(path, line, column, message, f"compare the values within {params.tight:g}")
        return
    yield from _origins(target, one, params)
    if not one.crosses:
        place = parity.operand(flow.flow(target), one.right.place)
        message = f"`{one.name}` does not compare two stacks after the round trip: `{place.text}`"
        names = " and ".join(stack.name for stack in params.stacks)
        yield parity.Defect(place.body.file.path, *place.position, message, f"compare {names}")
    if site.value is None or site.value > params.tight * (1 + 1e-9):
        tolerance = "" if site.tolerance is None else f" `{site.tolerance.text}`"
        message = f"`{one.name}` compares after the round trip within{tolerance}, not within {params.tight:g}"
        yield parity.Defect(path, line, column, message, f"compare within at most {params.tight:g}")
    found = parity.defect(target, site.test, params.ci, params.hardware)
    if found is not None:
        yield found


def _origins(target: Target, one: Compared, params: Params) -> Iterator[Defect]:
    """Yield what keeps the two sides from coming from one dequantized tensor."""
    engine = flow.flow(target)
    results = [parity.calls(side.trace, params.dequantize) for side in (one.left, one.right)]
    for side, calls in zip((one.left, one.right), results, strict=True):
        if calls:
            continue
        place = _original(engine, one, side, params) or parity.operand(engine, side.place)
        message = f"`{one.name}`: one side does not use the result of `{params.dequantize}`: `{_short(place.text)}`"
        help_text = "build both sides from the same dequantized tensor"
        yield parity.Defect(place.body.file.path, *place.position, message, help_text)
    for call in (call for calls in results for call in calls):
        sources = parity.calls(engine.trace(call), params.quantize)
        if not sources:
            message = f"`{one.name}`: what `{_short(call.text)}` reads was never quantized"
            help_text = f"dequantize a value of `{params.quantize}`"
            yield parity.Defect(call.body.file.path, *call.position, message, help_text)
    if results[0] and results[1] and not _shared(engine, results[0], results[1], params):
        place = results[1][0]
        message = f"`{one.name}`: the sides come from different results of `{params.dequantize}`"
        help_text = "build both sides from the same dequantized tensor"
        yield parity.Defect(place.body.file.path, *place.position, message, help_text)


def _shared(engine: flow.Flow, left: list[Place], right: list[Place], params: Params) -> bool:
    """Tell whether both sides have a dequantized value in common: the same call, or calls on one quantized value."""
    known = {_key(place) for place in left}
    if any(_key(place) in known for place in right):
        return True
    origins = [
        {_key(source) for call in calls for source in parity.calls(engine.trace(call), params.quantize)}
        for calls in (left, right)
    ]
    return bool(origins[0] & origins[1])


def _key(place: Place) -> tuple[str, int]:
    return place.body.file.path, place.node.start_byte


def _original(engine: flow.Flow, one: Compared, side: Side, params: Params) -> Place | None:
    """Give where a side reads the weights that were quantized, past the round trip."""
    originals: set[Binder] = set()
    for call in parity.calls(_whole(engine, one), params.quantize):
        originals.update(_chain(engine, call))
    around = parity.calls(side.trace, params.quantize)
    read = [
        place
        for binder, place in side.trace.names
        if binder in originals
        and not any(inner.node.start_byte <= place.node.start_byte < inner.node.end_byte for inner in around)
        and not _within(place, originals)
    ]
    return min(read, key=lambda place: place.node.start_byte, default=None)


def _chain(engine: flow.Flow, call: Place) -> Iterator[Binder]:
    """Give the names that a call's first argument goes by on its way, not its dimensions and devices."""
    given = flow.arguments(call.node)
    place = call.at(given[0]) if given else None
    for _ in range(50):
        if place is None:
            return
        node = flow.strip(place.node)
        here = place.at(node)
        place = None
        if node.type == "identifier":
            binder = engine.binder(here)
            if binder is not None:
                yield binder
            place = engine.follow(here)
        elif node.type == "call_expression":
            callee = here.body.callee(node)
            values = flow.arguments(node)
            if callee is not None and callee.receiver is not None:
                place = here.at(callee.receiver)
            elif values:
                place = here.at(values[0])


def _within(place: Place, binders: set[Binder]) -> bool:
    """Tell whether a place stands in the let of one of the binders."""
    return any(one.statement.start_byte <= place.node.start_byte < one.statement.end_byte for one in binders)


def _short(text: str) -> str:
    return " ".join(text.split())[:80]
