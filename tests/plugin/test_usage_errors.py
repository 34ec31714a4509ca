"""A mistake of the user gives one line, exit code 4 and no traceback, also under xdist."""

from __future__ import annotations

from pathlib import Path

import pytest

TABLE = '[one]\nsection = "S"\ntitle = "T"\nrule = "R"\nchecker = "path-glob"\n'
GOOD = TABLE + 'params = { globs = ["*"], expect = "present" }\n'


def usage_error(result: pytest.RunResult) -> str:
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == 4, text
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    (line,) = [line for line in result.errlines if line.startswith("ERROR: ")]
    return line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--mens-repo", "{repo}"], "--mens-repo="),
        (["--mens-repo=nowhere"], "does not exist"),
        (["--mens-repo="], "--mens-repo"),
        (["--mens-repo={checks}"], "not a directory"),
        (["--mens-repo={repo}", "--mens-checks=nowhere.toml"], "no such checklist"),
        (["--mens-repo={repo}", "--mens-checks={checks}", "mens::no-tab"], "did you mean mens::no-tabs"),
        (["--mens-repo={repo}", "--mens-checks={checks}", "--mens-new-only"], "--mens-base"),
        (["--mens-repo={repo}", "--mens-rev=nowhere"], "nowhere"),
        (["--mens-repo={repo}", "{repo}"], "inside the target"),
        (["--mens-repo={loop}"], "cannot be opened"),
        (["--mens-repo={repo}", "--mens-checks=/dev/zero"], "not a regular file"),
        (["--mens-repo={repo}", "--mens-sarif="], "--mens-sarif= is no path of a file"),
        (["--mens-repo={repo}", "--mens-sarif={repo}/out.sarif"], "inside the target"),
        (["--mens-rev=HEAD"], "--mens-rev needs --mens-repo"),
        (["--mens-new-only"], "--mens-new-only needs --mens-repo"),
    ],
)
def test_arguments(pytester: pytest.Pytester, repo: Path, checks: Path, arguments: list[str], words: str) -> None:
    loop = pytester.path / "loop"
    loop.symlink_to(loop)
    filled = [argument.format(repo=repo, checks=checks, loop=loop) for argument in arguments]
    assert words in usage_error(pytester.runpytest_subprocess(*filled))


def test_the_same_under_xdist(pytester: pytest.Pytester, repo: Path, checks: Path) -> None:
    result = pytester.runpytest_subprocess(f"--mens-repo={repo}", f"--mens-checks={checks}", "-n2", "mens::no-tab")
    assert "did you mean mens::no-tabs" in usage_error(result)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: the checklist is empty"),
        ("[one]\nsection =\n", ":2: not valid TOML: Invalid value"),
        ("one = 1\n", ":1: 'one' stands outside a table"),
        (GOOD.replace("[one]", "[One]"), ":1: the id 'One' may hold only"),
        (GOOD.replace('title = "T"\n', ""), ":1: [one] lacks 'title'"),
        (GOOD.replace('"T"', '" "'), ":3: [one] title must be a non-empty string"),
        (GOOD.replace("title", "titel", 1) + 'title = "T"\n', ":3: [one] unknown key 'titel'; did you mean 'title'?"),
        (GOOD + 'missing = "pass"\n', ':7: [one] missing must be "fail" or "skip", not \'pass\''),
        (
            GOOD.replace("path-glob", "path-globs"),
            ":5: [one] there is no checker 'path-globs'; did you mean 'path-glob'?",
        ),
        (TABLE + "params = 1\n", ":6: [one] params must be a table"),
        (TABLE + 'params = { globs = ["*"] }\n', ":6: [one] params: missing key 'expect'"),
        (TABLE + "[one.params]\nglobs = [1]\n", ":7: [one] params.globs.0 must be a string, not 1"),
        (
            TABLE + '[one.params]\nglobs = "*"\n',
            ":7: [one] params.globs must be an array, each element a string, not '*'",
        ),
        (
            GOOD.replace('"present"', '"there"'),
            ':6: [one] params.expect must be one of "present", "absent", not \'there\'',
        ),
        (GOOD.replace("globs", "glob"), ":6: [one] params: unknown key 'glob'; did you mean 'globs'?"),
        (GOOD + "symbols = [1]\n", ":7: [one] symbols.0 must be a string, not 1"),
        (
            TABLE.replace("path-glob", "pattern") + 'params = { pattern = "(", files = ["*"], expect = "absent" }\n',
            ":6: [one] params: pattern is not a regular expression: missing )",
        ),
    ],
)
def test_checklist(pytester: pytest.Pytester, repo: Path, checks: Path, text: str, message: str) -> None:
    checks.write_text(text, "utf-8")
    line = usage_error(pytester.runpytest_subprocess(f"--mens-repo={repo}", f"--mens-checks={checks}"))
    assert f"list.toml{message}" in line
