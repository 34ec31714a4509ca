from __future__ import annotations

from pytest_mens.views import plain


def test_every_occurrence_also_those_that_overlap() -> None:
    assert list(plain.occurrences("aaa b aa", "aa")) == [0, 1, 6]
    assert list(plain.occurrences("nothing", "here")) == []


def test_words_are_not_parts_of_longer_ones() -> None:
    text = "run, rerun run_all run-all `run`"
    assert list(plain.words(text, "run")) == [0, 19, 28]
    assert list(plain.words(text, "run", also="_-")) == [0, 28]
