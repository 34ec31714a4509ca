"""Each shared f32 operation is compared across two tensor stacks by a live, tight CPU test that CI runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related
from pytest_mens.views import flow, parity
from pytest_mens.views.commands import CiLayout
from pytest_mens.views.parity import Hardware, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.parity import Compared, Defect, Side


@dataclass(frozen=True)
class Operation:
    """An operation by what both sides call or name: all of `calls`, regular expressions for functions and types.

    `added` tells whether the product is added to (a bias). `hint` finds the CI command that should run its test.
    """

    name: str
    calls: tuple[str, ...]
    hint: str
    added: bool = False


@dataclass(frozen=True)
class Params:
    """The two stacks, the operations they share, the tolerance `tight`, and where CI and hardware are named.

    Comparisons into which a call that matches `excluding` flows (a quantizing round trip) are of another kind.
    """

    stacks: tuple[Stack, ...]
    operations: tuple[Operation, ...]
    excluding: str
    tight: float
    hardware: Hardware
    ci: CiLayout


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge each operation by its best test."""
    packages = parity.members(target, params.stacks)
    engine = flow.flow(target)
    every = [one for one in parity.compared(target, params.stacks) if not _excluded(one, params)]
    tests = {one.site.test for one in every}
    using = {test for test in tests if parity.uses_all(engine, test, params.stacks)}
    found = [one for one in every if one.site.test in using]
    for operation in params.operations:
        sides = [one for one in found if _is_of(target, one.left, operation) or _is_of(target, one.right, operation)]
        if any(_is_good(target, one, operation, params) for one in sides):
            continue
        defects = [(_rank(one, params), defect) for one in sides for defect in _defects(target, one, operation, params)]
        if defects:
            _, defect = min(defects, key=lambda pair: pair[0])
            yield Finding(defect.path, defect.message, defect.line, defect.column, help=defect.help)
            continue
        names = " and ".join(stack.name for stack in params.stacks)
        message = f"no test compares {operation.name} across {names}"
        help_text = f"add a CPU test that compares both within {params.tight:g}, and let CI run it"
        place = parity.gate(target, params.ci, operation.hint)
        if place is None:
            yield Finding(packages[0].manifest, message, help=help_text)
        else:
            manifest = Related(packages[0].manifest, 1, 1, "the package that has both stacks")
            yield Finding(place[0], message, place[1], place[2], help=help_text, related=(manifest,))


def _excluded(one: Compared, params: Params) -> bool:
    return any(parity.calls(side.trace, params.excluding) for side in (one.left, one.right))


def _is_of(target: Target, side: Side, operation: Operation) -> bool:
    """Tell whether a side is made by the operation."""
    if not all(parity.names(side.trace, pattern) for pattern in operation.calls):
        return False
    others = _adds(target, side, operation)
    return others == operation.added


def _adds(target: Target, side: Side, operation: Operation) -> bool:
    """Tell whether something is added to the operation's result on the way to this side."""
    engine = flow.flow(target)
    operands = []
    for place in side.trace.operations:
        operator = place.node.child_by_field_name("operator")
        if operator is not None and operator.type == "+":
            operands.append([place.at(node) for node in flow.expressions(place.node)])
    for call in side.trace.calls:
        if call.method and call.path[-1] in ("add", "broadcast_add"):
            callee = call.place.body.callee(call.place.node)
            if callee is not None and callee.receiver is not None:
                operands.append([call.place.at(callee.receiver)])
    return any(
        any(parity.names(engine.trace(one), pattern) for one in places for pattern in operation.calls)
        for places in operands
    )


def _is_good(target: Target, one: Compared, operation: Operation, params: Params) -> bool:
    return next(_defects(target, one, operation, params), None) is None


def _rank(one: Compared, params: Params) -> tuple[bool, bool, bool]:
    """Order candidates: what is compared across the stacks first, then what is tight."""
    value = one.site.value
    return (one.lengths, not one.crosses, value is None or value > params.tight)


def _defects(target: Target, one: Compared, operation: Operation, params: Params) -> Iterator[Defect]:
    site = one.site
    path, (line, column) = site.anchor.body.file.path, site.anchor.position
    names = " and ".join(stack.name for stack in params.stacks)
    if one.lengths:
        message = f"`{one.name}` compares only lengths of the two results of {operation.name}"
        yield parity.Defect(path, line, column, message, f"compare the values within {params.tight:g}")
        return
    if not one.crosses:
        yield _same_stack(target, one, operation, params.stacks)
        return
    if not (_is_of(target, one.left, operation) and _is_of(target, one.right, operation)):
        message = f"`{one.name}` compares {operation.name} with something else"
        yield parity.Defect(path, line, column, message, f"compute {operation.name} on both of {names}")
        return
    if site.value is None or site.value > params.tight * (1 + 1e-9):
        tolerance = "" if site.tolerance is None else f" `{site.tolerance.text}`"
        message = f"`{one.name}` compares {operation.name} within{tolerance}, not within {params.tight:g}"
        yield parity.Defect(path, line, column, message, f"compare within at most {params.tight:g}")
        return
    found = parity.defect(target, site.test, params.ci, params.hardware)
    if found is not None:
        yield found


def _same_stack(target: Target, one: Compared, operation: Operation, stacks: Sequence[Stack]) -> Defect:
    engine = flow.flow(target)
    place = parity.operand(engine, one.right.place)
    sides = {one.left.stack, one.right.stack} - {None}
    name = next(iter(sides)) if len(sides) == 1 else "an unknown stack"
    other = " and ".join(stack.name for stack in stacks)
    message = f"`{one.name}` compares {operation.name} of {name} with itself: `{place.text}`"
    return parity.Defect(place.body.file.path, *place.position, message, f"compare {other}")
