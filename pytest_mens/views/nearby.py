"""Whether in bytes a name stands near what must not be said of it: the cheap question before a text is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.target.search import holding, occurrences

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence


class Pair(NamedTuple):
    """Names, and a pattern for what must not be said near them."""

    names: frozenset[bytes]
    said: re.Pattern[bytes]


_Place = tuple[int, int]


class Nearby:
    """Pairs that are looked for together, at most `window` bytes apart."""

    def __init__(self, pairs: Sequence[Pair], window: int) -> None:
        self._pairs = pairs
        self._window = window
        names: frozenset[bytes] = frozenset().union(*(pair.names for pair in pairs))
        self.mentions = holding(names)
        """Tells whether bytes hold a name: the quickest question."""
        self._find = occurrences(names)
        self._within = {name: _overlapping(name, names) for name in names}

    def _names(self, data: bytes) -> Iterator[tuple[bytes, int, int]]:
        """Give every name in `data` with its start and end, from one pass over it."""
        for name, start, end in self._find(data):
            yield name, start, end
            # the pass finds no name that begins within another
            for offset, other in self._within[name]:
                if data.startswith(other, start + offset):
                    yield other, start + offset, start + offset + len(other)

    def close(self, data: bytes, hidden: Callable[[bytes, int], bool] | None = None) -> bool:
        """Tell whether in `data` something stands near a name it must not be said of, which is not `hidden`."""
        found = list(self._names(data))
        known = {name for name, _, _ in found}
        for pair in self._pairs:
            if known.isdisjoint(pair.names):
                continue
            if hidden is None and len(data) <= self._window:  # all of it is near
                if pair.said.search(data):
                    return True
                continue
            places = [(start, end) for name, start, end in found if name in pair.names]
            if any(self._shown(pair, data, some, hidden) for some in self._groups(places)):
                return True
        return False

    def _shown(
        self, pair: Pair, data: bytes, places: Sequence[_Place], hidden: Callable[[bytes, int], bool] | None
    ) -> bool:
        """Tell whether something stands near one of `places`, which lie close together."""
        for said in pair.said.finditer(data, max(0, places[0][0] - self._window), places[-1][1] + self._window):
            for start, end in places:
                near = start - self._window <= said.start() <= end + self._window
                if near and not (hidden and hidden(data, start)):
                    return True
        return False

    def _groups(self, places: Sequence[_Place]) -> Iterator[list[_Place]]:
        """Split places where the ranges around them do not touch."""
        group: list[_Place] = []
        for place in places:
            if group and place[0] - group[-1][1] > 2 * self._window:
                yield group
                group = []
            group.append(place)
        if group:
            yield group

    def anywhere(self, data: bytes) -> bool:
        """Tell whether in `data` something stands together with a name it must not be said of, however far away."""
        if not self.mentions(data):
            return False
        found = {name for name, _, _ in self._names(data)}
        return any(not found.isdisjoint(pair.names) and pair.said.search(data) for pair in self._pairs)

    def says(self, data: bytes) -> bool:
        """Tell whether `data` has anything that must not be said of some name."""
        return any(pair.said.search(data) for pair in self._pairs)


def _overlapping(name: bytes, others: frozenset[bytes]) -> list[tuple[int, bytes]]:
    """Give the names that may begin where `name` stands: at which offset in it, and which."""
    beginning: dict[int, list[bytes]] = {}
    for other in sorted(others):
        beginning.setdefault(other[0], []).append(other)
    return [
        (offset, other)
        for offset, first in enumerate(name)
        for other in beginning.get(first, ())
        if other != name and (name.startswith(other, offset) or other.startswith(name[offset:]))
    ]
