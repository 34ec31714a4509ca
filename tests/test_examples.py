"""The examples say what they claim, by the very commands that the README gives."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_mens import checklist

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
IDS = [entry.id for entry in checklist.load(checklist.shipped())]


def judge(pytester: pytest.Pytester, *arguments: str) -> dict[str, str]:
    """Run pytest in a process of its own; give the outcome of every item, `error: ...` when it did not run."""
    result = pytester.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", "--tb=no", *arguments)
    assert result.ret in (0, 1), result.stdout.str() + result.stderr.str()
    return dict(re.findall(r"^mens::(\S+) (?:<- \S+ )?(\w+)", result.stdout.str(), re.MULTILINE))


def test_every_entry_passes_on_the_sound_example(pytester: pytest.Pytester) -> None:
    assert judge(pytester, f"--mens-repo={EXAMPLES / 'vox'}") == dict.fromkeys(IDS, "PASSED")


def test_every_entry_fails_on_the_broken_example(pytester: pytest.Pytester) -> None:
    assert judge(pytester, f"--mens-repo={EXAMPLES / 'vox-broken'}") == dict.fromkeys(IDS, "FAILED")


def test_every_entry_is_told_in_the_table_of_defects() -> None:
    text = (EXAMPLES / "README.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE) == IDS


def test_custom_checklist_with_a_checker_of_its_own(
    pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = tmp_path / "elsewhere" / "repo"
    (repo / "docs").mkdir(parents=True)
    (repo / "docs" / "long.md").write_text("line\n" * 401, "utf-8")
    (repo / "adapter.bin.gz").write_text("", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(EXAMPLES / "custom" / "plugin"))
    arguments = [f"--mens-repo={repo}", f"--mens-checks={EXAMPLES / 'custom' / 'checks.toml'}", "-p", "max_lines"]
    assert judge(pytester, *arguments) == {
        "license-present": "FAILED",
        "no-adapters": "FAILED",
        "no-conflict-markers": "PASSED",
        "api-and-docs": "SKIPPED",
        "short-pages": "FAILED",
    }


@pytest.mark.skipif(shutil.which("cargo") is None, reason="needs cargo as an oracle")
def test_cargo_builds_and_tests_the_sound_example(tmp_path: Path) -> None:
    target = tmp_path / "vox"
    shutil.copytree(EXAMPLES / "vox", target)
    command = ["cargo", "test", "--offline", "--quiet", "--workspace", "--features", "vox-cli/gpu"]
    done = subprocess.run(command, cwd=target, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_output_in_the_readme_is_what_a_run_prints(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = re.search(r"```text\n\$ pytest (.*)\n((?:.*\n)*?)```", (ROOT / "README.md").read_text("utf-8"))
    assert shown is not None
    monkeypatch.chdir(ROOT)
    done = pytester.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *shlex.split(shown[1]))
    printed = set(done.outlines)
    findings = [line for line in shown[2].splitlines() if line.startswith("E  ")]
    assert findings
    assert [line for line in findings if line not in printed] == []
