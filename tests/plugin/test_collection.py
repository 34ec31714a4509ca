"""What is collected, under which ids, and how it is selected."""

from __future__ import annotations

from pathlib import Path

import pytest

marker_arguments = pytest.mark.skipif(pytest.version_tuple < (8, 3), reason="-m knows no arguments before pytest 8.3")


def test_the_checklist_alone_is_collected_in_its_order(run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own="def test_own(): pass")
    pytester.makeconftest("raise SystemExit('conftest.py of the working directory was imported')")
    result = run("--collect-only", "-q")
    assert result.ret == 0
    assert result.outlines[:3] == ["mens::no-tabs", "mens::has-readme", "mens::no-logs"]


def test_outcomes_and_exit_status(run) -> None:
    result = run()
    result.assert_outcomes(failed=1, passed=1, skipped=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*mens: *repo (working tree)*", "*3 entries of list.toml*"])
    result.stdout.fnmatch_lines(["FAILED mens::no-tabs - *a.txt:2:6: *(+1 more)"])


def test_without_the_option_nothing_is_collected_or_imported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_own():
            heavy = {"tree_sitter", "tomli", "yaml", "regex", "pathspec", "markdown_it", "pytest_mens.session"}
            assert "pytest_mens" in sys.modules
            assert not heavy & sys.modules.keys()
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("mens*")


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (["-k", "tabs"], ["no-tabs"]),
        (["-k", "house-style"], ["no-tabs", "has-readme"]),
        (["-k", "path-glob or no-logs"], ["has-readme", "no-logs"]),
        (["-k", "readme_file"], ["has-readme"]),
        (["-m", "mens"], ["no-tabs", "has-readme", "no-logs"]),
        pytest.param(["-m", "mens(section='kept-out')"], ["no-logs"], marks=marker_arguments),
        pytest.param(["-m", "mens(id='no-tabs')"], ["no-tabs"], marks=marker_arguments),
        (["mens::has-readme"], ["has-readme"]),
        (["mens::no-logs", "mens::no-tabs"], ["no-tabs", "no-logs"]),
        (["--deselect", "mens::no-tabs"], ["has-readme", "no-logs"]),
    ],
)
def test_selection(run, selection: list[str], ids: list[str]) -> None:
    result = run("--collect-only", "-q", "--strict-markers", *selection)
    assert [line for line in result.outlines if line.startswith("mens::")] == [f"mens::{id_}" for id_ in ids]


def test_ids_are_shown_as_they_are_below_the_rootdir(
    run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]")
    monkeypatch.chdir(pytester.mkdir("below"))
    for workers in ([], ["-n2"]):
        result = run("-v", "mens::no-tabs", *workers)
        result.stdout.fnmatch_lines(["FAILED mens::no-tabs - *"])
        result.stdout.no_fnmatch_line("*../mens::*")


def test_own_tests_and_the_checklist_together(run, pytester: pytest.Pytester) -> None:
    pytester.mkpydir("own").joinpath("test_own.py").write_text("def test_own(): pass\n", "utf-8")
    run("own", "-v").stdout.fnmatch_lines(["own/test_own.py::test_own PASSED*", "mens::no-tabs FAILED*"])
    result = run("own", "mens::no-tabs", "--collect-only", "-q")
    assert result.outlines[:2] == ["own/test_own.py::test_own", "mens::no-tabs"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lf"],
        ["--ff"],
        ["--nf"],
        ["-x"],
        ["--maxfail=1"],
        ["-q"],
        ["-v"],
        ["-vv"],
        ["--durations=3"],
        ["-p", "no:cacheprovider"],
        ["-p", "no:terminal"],
        ["--setup-show"],
        ["--import-mode=importlib"],
        ["-W", "error"],
        *([f"--tb={style}"] for style in ("auto", "long", "short", "line", "native", "no")),
    ],
    ids=" ".join,
)
def test_every_option_works(run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.ret == 1
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("option", ["--setup-only", "--setup-plan"])
def test_a_run_that_judges_nothing_on_demand_is_no_error(run, option: str) -> None:
    assert run(option).ret == 0


def test_last_failed_keeps_the_checklist_in_a_mixed_run(run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own="def test_own(): assert 0")
    run("test_own.py").assert_outcomes(failed=2, passed=1, skipped=1)
    run("test_own.py", "--lf").assert_outcomes(failed=2)
    run("--lf").assert_outcomes(failed=1)


def test_plugin_by_hand(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    run("-p", "pytest_mens").assert_outcomes(failed=1, passed=1, skipped=1)


def test_several_targets_have_labels(pytester: pytest.Pytester, checks: Path, repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "repo"
    other.mkdir(parents=True)
    (other / "README.md").write_text("# Other\n", "utf-8")
    arguments = [f"--mens-repo={repo}", f"--mens-repo={other}", f"--mens-checks={checks}"]
    result = pytester.runpytest_subprocess(*arguments, "--collect-only", "-q")
    assert "mens::repo::no-tabs" in result.outlines
    assert "mens::repo-2::no-logs" in result.outlines
    result = pytester.runpytest_subprocess(*arguments, "--junitxml=out.xml", "mens::repo::no-tabs")
    result.assert_outcomes(failed=1)
    assert 'classname="mens.repo" name="no-tabs"' in (pytester.path / "out.xml").read_text("utf-8")
