"""Search of bytes for many needles in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


def holding(needles: Collection[bytes]) -> Callable[[bytes], bool]:
    """Give the function that tells whether bytes contain any of `needles`; an empty needle is in all of them."""
    if not needles:
        return lambda _: False
    if not all(needles):
        return lambda _: True
    from ahocorasick_rs import BytesAhoCorasick, MatchKind

    # Leftmost matches only are found with vector instructions: four to ten times as fast as `needle in data`.
    find = BytesAhoCorasick(sorted(needles), matchkind=MatchKind.LeftmostFirst).find_matches_as_indexes
    return lambda data: bool(find(data))
