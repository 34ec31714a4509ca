"""nextest's filtersets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mens.views import nextest
from pytest_mens.views.nextest import Subject

SUBJECT = Subject("mill", "test", "parity", "grind::fine")


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ("test(fine)", True),
        ("test(=fine)", False),
        ("test(=grind::fine)", True),
        ("test(~grind)", True),
        ("test(/^grind::f/)", True),
        ("test(/(a|f)ine$/)", True),
        ("test(#grind*)", True),
        ("package(mill)", True),
        ("package(mi*)", True),
        ("package(mil)", False),
        ("binary(parity) and not test(coarse)", True),
        ("binary_id(mill::parity)", True),
        ("kind(lib) or kind(test)", True),
        ("kind(lib) | kind(bench) + kind(test)", True),
        ("all() - test(fine)", False),
        ("all() & !test(fine)", False),
        ("none()", False),
        ("not (test(a) or test(fine))", False),
        ("test(a) || test(fine)", True),
        ("test(a) && test(fine)", False),
        ("deps(mill)", None),
        ("deps(mill) or test(fine)", True),
        ("deps(mill) and test(coarse)", False),
        ("test(a\\)b)", False),
    ],
)
def test_verdicts(expression: str, verdict: bool | None) -> None:  # noqa: FBT001 - a table's column
    assert nextest.parse(expression).holds(SUBJECT) is verdict


@pytest.mark.parametrize(
    "expression",
    ["", "test", "test(", "test()", "nope(x)", "test(a) test(b)", "(test(a)", "test(/[/)", "and", "(" * 200],
)
def test_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        nextest.parse(expression)


ATOMS = ["test(a)", "test(=grind::fine)", "test(fine)", "package(mill)", "all()", "none()", "kind(lib)"]
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or", "-", "|", "&"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        inner.map(lambda text: f"not {text}"),
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, st.sampled_from(["a", "b::a", "grind::fine", "x"]))
def test_agrees_with_python(expression: str, name: str) -> None:
    values = {
        "test(a)": "a" in name, "test(=grind::fine)": name == "grind::fine", "test(fine)": "fine" in name,
        "package(mill)": True, "all()": True, "none()": False, "kind(lib)": False,
    }  # fmt: skip
    python = expression
    for atom, value in values.items():
        python = python.replace(atom, str(value))
    python = python.replace("|", " or ").replace("&", " and ").replace(" - ", " and not ")
    parsed = nextest.parse(expression)
    wanted = bool(eval(python))
    assert parsed.holds(Subject("mill", "test", "parity", name)) is wanted
    if wanted and parsed.needles is not None:
        assert any(needle in name for needle in parsed.needles)
