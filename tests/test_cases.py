"""Every folder tests/cases/<id>/<case>/ is a small repository and the findings expected of it.

`tree/` is the target, `base/` (optional) the whole target before the change, `checks.toml` (optional) the checklist to
use instead of the shipped one. `expected` holds a line per finding, `path:line: message`, notes as
`path:line: note: message`, or `skip: reason`; it is empty when the entry passes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_mens import checklist
from pytest_mens.judge import Verdict, judge
from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree

CASES = Path(__file__).parent / "cases"
SHIPPED = checklist.load(checklist.shipped())


def cases() -> list[Path]:
    return sorted(folder for folder in CASES.glob("*/*") if folder.is_dir())


def open_case(folder: Path) -> Target:
    base = Target(WorkingTree(folder / "base", "base")) if (folder / "base").is_dir() else None
    return Target(WorkingTree(folder / "tree", "tree"), base=base)


def lines(verdict: Verdict) -> list[str]:
    if verdict.crash is not None:
        raise verdict.crash
    if verdict.outcome == "skipped":
        return [f"skip: {verdict.reason}"]
    both = sorted([*verdict.findings, *verdict.notes], key=lambda finding: finding.sort_key())
    return [
        f"{finding.path}:{finding.line}: {'note: ' if finding.level == 'note' else ''}{finding.message}"
        for finding in both
    ]


@pytest.mark.parametrize("folder", cases(), ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_case(folder: Path, request: pytest.FixtureRequest) -> None:
    own = folder / "checks.toml"
    entries = checklist.load(own) if own.is_file() else SHIPPED
    (entry,) = [entry for entry in entries if entry.id == folder.parent.name]
    found = "".join(f"{line}\n" for line in lines(judge(entry, open_case(folder))))
    expected = folder / "expected"
    if request.config.getoption("--update-cases"):
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")
