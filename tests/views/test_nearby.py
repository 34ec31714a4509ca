"""What stands near a name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mens.views.nearby import Nearby, Pair

NEARBY = Nearby(
    [
        Pair(frozenset({b"Burn", b"--backend lora"}), re.compile(rb"NF4")),
        Pair(frozenset({b"QLoRA"}), re.compile(rb"f32")),
    ],
    10,
)


@pytest.mark.parametrize(
    ("data", "close", "anywhere"),
    [
        (b"Burn has NF4", True, True),
        (b"NF4 in Burn", True, True),
        (b"Burn" + b" " * 11 + b"NF4", False, True),
        (b"Burn" + b" " * 90 + b"Burn, NF4", True, True),
        (b"QLoRA has NF4", False, False),
        (b"f32 QLoRA", True, True),
        (b"NF4", False, False),
        (b"", False, False),
    ],
)
def test_only_what_must_not_be_said_counts(data: bytes, *, close: bool, anywhere: bool) -> None:
    assert NEARBY.close(data) is close
    assert NEARBY.anywhere(data) is anywhere


def test_hidden_names_do_not_count() -> None:
    assert not NEARBY.close(b"// Burn NF4", lambda data, start: data.startswith(b"//") and start > 0)
    assert NEARBY.close(b"// Burn NF4", lambda _data, start: start > 5)


FEW = st.text("ab", min_size=1, max_size=4).map(str.encode)


@given(st.frozensets(FEW, min_size=1, max_size=5), st.text("ab.", max_size=30).map(str.encode))
def test_every_name_is_found_wherever_names_overlap(names: frozenset[bytes], data: bytes) -> None:
    pairs = [Pair(frozenset({name}), re.compile(rb"\.")) for name in names]
    expected = b"." in data and any(name in data for name in names)
    assert Nearby(pairs, 100).close(data) is expected
    for name in names:
        one = Nearby([Pair(frozenset({name}), re.compile(rb"\.")), Pair(names, re.compile(rb"x"))], 100)
        assert one.anywhere(data) is (b"." in data and name in data)
