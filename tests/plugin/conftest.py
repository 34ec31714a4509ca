"""A small target and a checklist of plain checkers: what the plugin does with verdicts does not depend on a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKLIST = """\
[no-tabs]
section = "House style"
title = "No tabs"
rule = "Sources are indented by spaces."
checker = "pattern"
params = { pattern = "\\t", files = ["*.txt"], expect = "absent", help = "indent by spaces" }

[has-readme]
section = "House style"
title = "A README"
rule = "There is a README."
checker = "path-glob"
symbols = ["README_FILE"]
params = { globs = ["README.md"], expect = "present" }

[no-logs]
section = "Kept out"
title = "No logs"
rule = "Logs are not kept."
checker = "pattern"
missing = "skip"
params = { pattern = "x", files = ["*.log"], expect = "absent" }
"""


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture
def checks(pytester: pytest.Pytester) -> Path:
    path = pytester.path / "list.toml"
    path.write_text(CHECKLIST, "utf-8")
    return path


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A target in which no-tabs fails twice, has-readme passes and no-logs is skipped."""
    root = tmp_path / "elsewhere" / "repo"
    root.mkdir(parents=True)
    (root / "a.txt").write_text("one\n  two\tthree\n", "utf-8")
    (root / "b.txt").write_text("\tfour\n", "utf-8")
    (root / "README.md").write_text("# Repo\n", "utf-8")
    return root


@pytest.fixture
def run(pytester: pytest.Pytester, checks: Path, repo: Path):
    """Run pytest in a process of its own on the target, with more arguments."""

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(f"--mens-repo={repo}", f"--mens-checks={checks}", *arguments)

    return run
