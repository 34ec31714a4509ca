"""What becomes of a checker's findings, notes and mistakes, shown with checkers of another plugin."""

from __future__ import annotations

from pathlib import Path

import pytest

PLUGIN = """\
import dataclasses
import types

from pytest_mens.model import BaseRequiredError, Finding, SubjectMissingError, UnreadableError


@dataclasses.dataclass(frozen=True)
class Params:
    what: str


def check(target, params):
    if params.what == "crash":
        yield Finding("a.txt", "seen before the crash")
        raise RuntimeError("boom \\x1b[2J\\nsecond line")
    if params.what == "recursion":
        raise RecursionError("too deep")
    if params.what == "missing":
        raise SubjectMissingError("looked for x in a.txt", path="a.txt", line=2, help="put x there")
    if params.what == "base":
        target.require_base()
    if params.what == "unreadable":
        yield Finding("a.txt", "seen before")
        raise UnreadableError("gone.txt", "not valid UTF-8")
    if params.what == "note":
        yield Finding("a.txt", "look at this", line=2, column=3, level="note")
    if params.what == "twice":
        yield Finding("b.txt", "second", line=2)
        yield Finding("a.txt", "first", line=9)
        yield Finding("b.txt", "second", line=2)
        yield Finding("b.txt", "also", line=1)
    if params.what == "slow":
        while True:
            pass


def pytest_mens_checkers():
    return {"other": types.SimpleNamespace(Params=Params, check=check)}
"""
TABLE = """\
[{what}]
section = "S"
title = "T"
rule = "R"
checker = "other"
missing = "{missing}"
params = {{ what = "{what}" }}
"""


@pytest.fixture
def run_other(pytester: pytest.Pytester, repo: Path):
    """Judge the target by an entry whose checker does `what`."""
    (pytester.path / "other.py").write_text(PLUGIN, "utf-8")
    pytester.syspathinsert()

    def run(what: str, *arguments: str, missing: str = "fail") -> pytest.RunResult:
        path = pytester.path / "other.toml"
        path.write_text(TABLE.format(what=what, missing=missing), "utf-8")
        return pytester.runpytest_subprocess("-p", "other", f"--mens-repo={repo}", f"--mens-checks={path}", *arguments)

    return run


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["serial", "workers"])
@pytest.mark.parametrize("what", ["crash", "recursion"])
def test_a_crash_is_one_line(run_other, what: str, workers: list[str]) -> None:
    result = run_other(what, *workers)
    assert result.ret == 1
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "Traceback" not in text
    assert "\x1b" not in text
    result.stdout.re_match_lines([rf"crash of the checker 'other' on \[{what}\].*(boom|too deep).*\(other\.py:\d+\)"])


def test_debug_shows_the_traceback_from_the_checker_on(run_other) -> None:
    text = run_other("crash", "--mens-debug").stdout.str()
    assert 'raise RuntimeError("boom' in text
    assert "judge.py" not in text


def test_a_missing_subject_fails_or_skips_and_never_passes(run_other) -> None:
    result = run_other("missing")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*a.txt:2:1", "*help: put x there", "FAILED mens::missing - *looked for x in a.txt"])
    result = run_other("missing", "-rs", missing="skip")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*looked for x in a.txt"])


def test_a_rule_on_changes_without_a_base_is_skipped(run_other) -> None:
    result = run_other("base", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*--mens-base=REV"])


def test_the_header_says_when_a_base_was_to_be_had(run_other, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    run_other("base").stdout.fnmatch_lines(["mens: *no --mens-base=REV was given*"])


def test_an_unreadable_file_fails_beside_what_was_found_before(run_other) -> None:
    result = run_other("unreadable")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*seen before", "*UNREADABLE gone.txt: not valid UTF-8"])


def test_a_note_is_a_warning_and_fails_nothing(run_other, pytester: pytest.Pytester) -> None:
    result = run_other("note", "--mens-sarif=out.sarif")
    result.assert_outcomes(passed=1, warnings=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*MensNote: *a.txt:2:3: look at this"])
    assert '"level": "note"' in (pytester.path / "out.sarif").read_text("utf-8")
    run_other("note", "-W", "ignore::pytest_mens.MensNote").assert_outcomes(passed=1, warnings=0)
    result = run_other("note", "-W", "error::pytest_mens.MensNote")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["E   note[[]note[]]: look at this"])


def test_findings_are_sorted_and_single(run_other) -> None:
    text = run_other("twice").stdout.str()
    places = [
        line.split()[-1].rsplit("/", 1)[-1] for line in text.splitlines() if line.startswith("E") and "-->" in line
    ]
    assert places == ["a.txt:9:1", "b.txt:1:1", "b.txt:2:1"]


def test_a_checker_that_does_not_end_is_stopped(run_other, pytester: pytest.Pytester) -> None:
    (pytester.path / "quick.py").write_text("import pytest_mens.judge as judge\njudge.ITEM_SECONDS = 0.2\n", "utf-8")
    result = run_other("slow", "-p", "quick")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UNREADABLE *: took longer than *"])


def test_a_lost_report_is_not_green(run_other, pytester: pytest.Pytester) -> None:
    (pytester.path / "loser.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    return True\n",
        "utf-8",
    )
    assert run_other("note", "-p", "loser").ret == 3
