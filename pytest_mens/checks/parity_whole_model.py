"""No test pins a full language model of one stack to the quantized forward of the other by a tight tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related
from pytest_mens.views import parity
from pytest_mens.views.parity import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target
    from pytest_mens.views.parity import Compared


@dataclass(frozen=True)
class Params:
    """The two stacks, the types of either model and their forward (regular expressions), and the limit `loose`."""

    stacks: tuple[Stack, ...]
    whole: str
    quantized: str
    forward: str
    loose: float


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Yield every comparison of a full model with a quantized forward that is tighter than `loose`."""
    parity.members(target, params.stacks)
    seen = set()
    for one in parity.compared(target, params.stacks):
        value = one.site.value
        if one.lengths or value is None or value >= params.loose * (1 - 1e-9):
            continue
        if not _pins(one, params) or not parity.is_compiled_test(target, one):
            continue
        anchor = one.site.anchor
        bound = one.site.tolerance
        how = "exactly" if bound is None else f"within `{bound.text}`, below {params.loose:g}"
        message = f"`{one.name}` compares a full model with a quantized forward {how}"
        related: tuple[Related, ...] = ()
        if anchor is not one.site.place:
            place = one.site.place
            related = (Related(place.body.file.path, *place.position, "compared here"),)
        finding = Finding(
            anchor.body.file.path,
            message,
            *anchor.position,
            anchor.body.file.end_position(anchor.node),
            help="compare statistics or shapes; the two graphs are not the same function",
            related=related,
        )
        if finding not in seen:
            seen.add(finding)
            yield finding


def _pins(one: Compared, params: Params) -> bool:
    """Tell whether one side is the forward of a full model and the other a quantized forward."""
    for whole, quantized in ((one.left.trace, one.right.trace), (one.right.trace, one.left.trace)):
        if not (parity.names(whole, params.whole) and parity.names(quantized, params.quantized)):
            continue
        mixed = parity.names(whole, params.quantized) and parity.names(quantized, params.whole)
        forwards = all(parity.calls(trace, params.forward) for trace in (whole, quantized))
        if forwards and (one.crosses or not mixed):
            return True
    return False
