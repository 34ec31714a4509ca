"""Clauses, and who an attribute is said of."""

from __future__ import annotations

import pytest

from pytest_mens.views import prose

LEXICON = prose.Lexicon({"subject": ("Burn", "Candle"), "trait": ("default", "nf4"), "label": ("off by default",)})


def clauses(text: str, *splitters: str) -> list[str]:
    return [text[clause.start : clause.end].strip() for clause in prose.clauses(text, splitters)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two; three", ["One.", "Two;", "three"]),
        ("See e.g. this. Done", ["See e.g. this.", "Done"]),
        ("A (one; two) or B", ["A (one; two)", "B"]),
        ("A (x or y) or B", ["A (x or y)", "B"]),
        ("Use `a; b or c` here", ["Use `a; b or c` here"]),
        ("A v1.2 run", ["A v1.2 run"]),
        ("open ( never closed. Next", ["open ( never closed.", "Next"]),
    ],
)
def test_clauses_keep_parentheses_and_code_whole(text, expected):
    assert clauses(text, "or") == expected


def test_the_longest_phrase_hides_the_shorter_one():
    assert [term.kind for term in LEXICON.terms("off by default, NF4")] == ["label", "trait"]
    assert LEXICON.terms("burn candle-x undefault") == ()


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Burn is the default", "Burn"),
        ("the default backend is Candle", "Candle"),
        ("Burn and default Candle", "Candle"),
        ("Burn (default), Candle (old)", "Burn"),
        ("NF4 for Candle, f32 for Burn", "Candle"),
        ("Candle: NF4", "Candle"),
        ("nothing is the default", None),
    ],
)
def test_an_attribute_is_bound_to_its_subject(text, subject):
    terms = LEXICON.terms(text)
    attribute = next(term for term in terms if term.kind == "trait")
    found = prose.bound(text, attribute, [term for term in terms if term.kind == "subject"])
    assert (found.text if found else None) == subject


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("Burn does not do NF4", True),
        ("Burn never NF4", True),
        ("Burn NF4 is not wired", True),
        ("NF4, not Burn", False),
        ("the NF4 lane needs no Burn", False),
        ("NF4 here", False),
    ],
)
def test_a_negation_denies_what_it_is_about(text, denied):
    (clause,) = prose.clauses(text, ())
    terms = LEXICON.terms(text)
    trait = next(term for term in terms if term.kind == "trait")
    others = [term for term in terms if term != trait]
    assert prose.negated(text, clause, trait, others) is denied


def test_insertions_are_put_aside():
    text = "Burn, not Candle, is the default"
    assert prose.without_insertions(text).split() == ["Burn", "is", "the", "default"]
    assert len(prose.without_insertions(text)) == len(text)


def test_an_attribute_with_a_noun_of_its_own_is_not_open():
    text = "default port 3000"
    assert not prose.open_ended(text, 7, len(text), ("server",))
    assert prose.open_ended("default server", 7, 14, ("server",))
    assert prose.open_ended("default)", 7, 8)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Need NF4?", True),
        ("If you want the `nf4`", True),
        ("For NF4, use Candle", True),
        ("No need for NF4", False),
        ("NF4 too slow?", False),
        ("Problems with NF4?", False),
    ],
)
def test_what_is_wished_for(text, asked):
    (clause,) = prose.clauses(text, ())
    trait = next(term for term in LEXICON.terms(text) if term.kind == "trait")
    assert prose.wished(text, clause, trait) is asked


def test_advice_begins_with_what_to_do():
    assert prose.advice("Just use `Burn`", 0, 15) == len("Just use `")
    assert prose.advice("NF4, then pass Burn", 3, 19) == len("NF4, then pass ")
    assert prose.advice("Burn is used", 0, 12) is None


def test_every_clause_of_a_question_asks():
    assert [clause.asks for clause in prose.clauses("Burn or Candle? Burn.", ("or",))] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "is_aside"), [("(unlike Burn) NF4", True), ("Burn (x) NF4", False), ("(Burn NF4)", False)]
)
def test_what_stands_in_parentheses_is_an_aside(text, is_aside):
    subject, trait = LEXICON.terms(text)
    assert prose.aside(text, subject, trait) is is_aside
