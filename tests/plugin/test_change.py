"""A run with a base: what is compared, what is new, and what is counted only."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

TOGETHER = """\
[api-and-docs]
section = "Changes"
title = "API and its page"
rule = "A change of the interface touches its page."
checker = "change-together"
params = { when = ["src/**"], then = ["docs/api.md"], unless = ["src/private/**"] }
"""


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, files: dict[str, str | None], message: str = "change") -> str:
    for name, text in files.items():
        path = root / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def repo(repo: Path) -> Path:
    git(repo, "init", "-q", "-b", "main")
    commit(repo, {"src/api.rs": "a\n", "docs/api.md": "a\n"}, "first")
    return repo


@pytest.fixture
def together(run, checks: Path):
    def together(*arguments: str) -> list[str]:
        """Give where the findings of `change-together` stand."""
        checks.write_text(TOGETHER, "utf-8")
        result = run("--mens-base=main~1", "--mens-sarif=out.sarif", *arguments)
        assert result.ret in (0, 1), result.stderr.str()
        log = json.loads(Path("out.sarif").read_text("utf-8"))
        places = [r["locations"][0]["physicalLocation"] for r in log["runs"][0]["results"]]
        return [f"{p['artifactLocation']['uri']}:{p['region']['startLine']}" for p in places]

    return together


@pytest.mark.parametrize(
    ("files", "places"),
    [
        ({"src/api.rs": "a\nb\n"}, ["src/api.rs:2"]),
        ({"src/api.rs": None}, ["src/api.rs:1"]),
        ({"src/new.rs": "a\n"}, ["src/new.rs:1"]),
        ({"src/api.rs": "b\n", "docs/api.md": "b\n"}, []),
        ({"src/private/x.rs": "a\n"}, []),
        ({"README.md": "# Other\n"}, []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_files_that_change_together(together, repo: Path, files: dict[str, str | None], places: list[str]) -> None:
    commit(repo, files)
    assert together() == places
    assert together("--mens-rev=main") == places


def test_uncommitted_work_counts(together, repo: Path) -> None:
    commit(repo, {"README.md": "# Other\n"})
    (repo / "src" / "api.rs").write_text("changed\n", "utf-8")
    assert together() == ["src/api.rs:1"]
    assert together("--mens-rev=main") == []


def test_the_header_says_what_is_compared(run, repo: Path) -> None:
    commit(repo, {"a.txt": "x\n"})
    run("--mens-base=main~1").stdout.fnmatch_lines(
        ["mens: *(working tree), compared with *, the merge base with main~1*"]
    )
    run("--mens-base=main~1", "--mens-rev=main").stdout.fnmatch_lines(["mens: * at main (*), compared with *"])


def test_new_only_leaves_out_what_the_base_has(run, repo: Path) -> None:
    result = run("--mens-base=HEAD", "--mens-new-only")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["mens: 2 findings are as old as the base: no-tabs 2"])
    moved = (repo / "a.txt").read_text("utf-8")
    commit(repo, {"a.txt": None, "c.txt": "zero\n\n" + moved + "\tnew\n"})
    for arguments in ([], ["-n2"], ["--mens-rev=HEAD"]):
        result = run("--mens-base=main~1", "--mens-new-only", *arguments)
        result.assert_outcomes(failed=1, passed=1, skipped=1)
        result.stdout.fnmatch_lines(
            ["*c.txt:5:1", "mens: 2 findings are as old as the base: no-tabs 2", "FAILED mens::no-tabs - *c.txt:5:1: *"]
        )


@pytest.mark.parametrize("base", ["nowhere", "0" * 40, "--output=x", "HEAD:a.txt", "HEAD^{/x}"])
def test_a_base_that_is_none_is_a_usage_error(run, repo: Path, base: str) -> None:
    result = run(f"--mens-base={base}")
    assert result.ret == 4
    assert "Traceback" not in result.stderr.str()
    assert not (repo / "x").exists()


def test_unrelated_histories_say_what_to_do(run, repo: Path) -> None:
    git(repo, "checkout", "-q", "--orphan", "other")
    commit(repo, {"x.txt": "x\n"}, "other")
    result = run("--mens-base=main")
    assert result.ret == 4
    assert "unrelated" in result.stderr.str()
