"""A checker that is not written yet: its entry fails saying so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target


@dataclass(frozen=True)
class Params:
    """Nothing to say."""


def check(_target: Target, _params: Params) -> Iterator[Finding]:
    """Yield the one finding that says so."""
    yield Finding(".", "the checker of this entry is not written yet")
