from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mens.views import cfg
from pytest_mens.views.cfg import FALSE, TRUE, All, AnyOf, Atom, Not

ATOMS = [Atom("test"), Atom("unix"), Atom("feature", "a"), Atom("feature", "b")]

predicates = st.recursive(
    st.sampled_from([*ATOMS, TRUE, FALSE]),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, max_size=4).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=4).map(tuple)),
    ),
    max_leaves=12,
)


def assignments():
    for values in itertools.product((True, False), repeat=len(ATOMS)):
        yield dict(zip(ATOMS, values, strict=True))


@given(predicates, predicates)
def test_implication_is_what_all_assignments_say(premise, conclusion):
    expected = all(
        cfg.evaluate(conclusion, holds.__getitem__)
        for holds in assignments()
        if cfg.evaluate(premise, holds.__getitem__)
    )
    assert cfg.implies(premise, conclusion) is expected


@given(predicates)
def test_satisfiable_is_what_some_assignment_says(predicate):
    assert cfg.satisfiable(predicate) is any(cfg.evaluate(predicate, holds.__getitem__) for holds in assignments())


@given(predicates)
def test_what_is_shown_parses_to_the_same(predicate):
    assert cfg.parse(cfg.show(predicate)) == predicate


@given(st.lists(predicates, max_size=4))
def test_joining_keeps_the_meaning(parts):
    for holds in assignments():
        values = [cfg.evaluate(part, holds.__getitem__) for part in parts]
        assert cfg.evaluate(cfg.conjoin(parts), holds.__getitem__) is all(values)
        assert cfg.evaluate(cfg.disjoin(parts), holds.__getitem__) is any(values)


@given(predicates, st.dictionaries(st.sampled_from(ATOMS), st.booleans()))
def test_assuming_keeps_the_meaning(predicate, known):
    simplified = cfg.assume(predicate, known.get)
    assert not cfg.atoms(simplified) & known.keys()
    for holds in assignments():
        if all(holds[atom] is value for atom, value in known.items()):
            assert cfg.evaluate(simplified, holds.__getitem__) is cfg.evaluate(predicate, holds.__getitem__)


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("test", Atom("test")),
        (' feature = "gpu" ', Atom("feature", "gpu")),
        ('feature=r#"a"b"#', Atom("feature", 'a"b')),
        (r'feature = "a\"\u{62}\x63"', Atom("feature", 'a"bc')),
        ("all()", TRUE),
        ("any()", FALSE),
        ("true", TRUE),
        ("false", FALSE),
        ("r#true", Atom("true")),
        ("r#match", Atom("match")),
        ("not(test)", Not(Atom("test"))),
        ("not(test,)", Not(Atom("test"))),
        ("all(test, // why\n unix,)", All((Atom("test"), Atom("unix")))),
        ("any(/* a /* nested */ one */ test)", AnyOf((Atom("test"),))),
        ("test,", Atom("test")),
        ('version("1.90")', Atom('version("1.90")')),
    ],
)
def test_parse(text, predicate):
    assert cfg.parse(text) == predicate


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not()",
        "not(a, b)",
        "all(a",
        "all(a b)",
        "a b",
        "feature =",
        "feature = gpu",
        '"gpu"',
        "a = 1",
        "all(,)",
        "/*",
        "not(" * 500 + "a" + ")" * 500,
        "1",
        '"',
        'feature == "a"',
        'feature = "\\u{ffffffff}"',
    ],
)
def test_what_is_no_predicate_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the message quotes the text
        cfg.parse(text)


def test_atoms_and_conjoin_flatten():
    a, b, c = ATOMS[:3]
    assert cfg.conjoin([a, All((b, a)), TRUE, c]) == All((a, b, c))
    assert cfg.conjoin([a]) == a
    assert cfg.conjoin([]) == TRUE
    assert cfg.atoms(All((a, Not(AnyOf((b, a)))))) == {a, b}
