"""The search for many needles agrees with the plain one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_mens.target.search import holding

FEW = st.text("ab\0é", max_size=4).map(str.encode)


@given(st.sets(FEW, max_size=6), st.lists(FEW, max_size=30).map(b"".join))
def test_holding_is_plain_containment(needles: set[bytes], data: bytes) -> None:
    assert holding(needles)(data) == any(needle in data for needle in needles)


def test_a_needle_that_begins_or_ends_another_is_found() -> None:
    holds = holding({b"abc", b"ab", b"bcd", b"c"})
    assert [holds(data) for data in (b"xab", b"bcd", b"ac", b"xyz", b"")] == [True, True, True, False, False]
