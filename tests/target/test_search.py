"""The search for many needles agrees with the plain one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pytest_mens.target.search import before_space, holding, occurrences, stands_alone

FEW = st.text("ab\0é", max_size=4).map(str.encode)


@given(st.sets(FEW, max_size=6), st.lists(FEW, max_size=30).map(b"".join))
def test_holding_is_plain_containment(needles: set[bytes], data: bytes) -> None:
    assert holding(needles)(data) == any(needle in data for needle in needles)


def test_a_needle_that_begins_or_ends_another_is_found() -> None:
    holds = holding({b"abc", b"ab", b"bcd", b"c"})
    assert [holds(data) for data in (b"xab", b"bcd", b"ac", b"xyz", b"")] == [True, True, True, False, False]


@given(st.sets(st.text("ab", min_size=1, max_size=3).map(str.encode)), st.text("ab ", max_size=30).map(str.encode))
def test_every_word_that_stands_alone_occurs(words: set[bytes], data: bytes) -> None:
    found = {(start, end) for name, start, end in occurrences(words)(data) if data[start:end] == name in words}
    alone = {match.span() for match in re.finditer(rb"\w+", data) if match.group() in words}
    assert alone <= found
    assert alone == {span for span in found if stands_alone(data, *span)}


def test_before_space_stops_at_the_first_character_and_at_the_start() -> None:
    assert [before_space(data, len(data)) for data in (b"a. \n\t", b"a", b"  ", b"")] == [2, 1, 0, 0]
