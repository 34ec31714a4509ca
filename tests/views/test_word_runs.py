from __future__ import annotations

from pytest_mens.views import word_runs


def test_runs_ignore_markup_case_and_line_breaks() -> None:
    wanted = word_runs.runs("Use `app merge-all`, then\nstart again.", 4)
    page = "One. **Use** `app\n  merge-all` THEN start - again!"
    found = list(word_runs.occurrences(page, wanted, 4))
    assert [words for _, words in found] == [
        "use app merge-all then",
        "app merge-all then start",
        "merge-all then start again",
    ]
    assert page[found[0][0] :].startswith("Use")


def test_no_run_reaches_over_a_placeholder() -> None:
    assert word_runs.runs("one two {} three four", 2) == {("one", "two"), ("three", "four")}
    assert list(word_runs.occurrences("one two", set(), 2)) == []
