"""Where commands stand: workflows, other CI, gate manifests, runbooks, and what CI runs of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import commands
from pytest_mens.views.cargo_test import TestId
from pytest_mens.views.commands import CiLayout

CASES = Path(__file__).parent.parent / "cases"
LAYOUT = CiLayout(("/.github/workflows/ci.yml",), "ci")


def target(tmp_path: Path, files: dict[str, str]) -> Target:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return Target(WorkingTree(tmp_path, "x"))


def workflow(tmp_path: Path, jobs: str) -> list[commands.Command]:
    text = f"name: ci\non: push\njobs:\n{jobs}"
    found = commands.workflow_commands(target(tmp_path, {".github/workflows/ci.yml": text}), ".github/workflows/ci.yml")
    return list(found)


def test_places_and_names(tmp_path: Path) -> None:
    (first, second) = workflow(
        tmp_path,
        "  build:\n    steps:\n      - name: Both\n        run: |\n"
        "          cargo a \\\n            --test b\n          cargo c\n",
    )
    assert (first.line, first.column, first.where) == (8, 11, ("build", "Both"))
    assert first.place_of("--test") == (9, 13)
    assert (second.argv, second.line) == (("cargo", "c"), 10)


@pytest.mark.parametrize(
    ("job", "step", "why"),
    [
        ("", "", ""),
        ("if: false", "", "the job never runs"),
        ("if: ${{ github.ref == 'x' && false }}", "", "the job never runs"),
        ("if: github.ref == 'x'", "", ""),
        ("continue-on-error: true", "", "the job may fail, by `continue-on-error`"),
        ("needs: off", "", "the job never runs"),
        ("needs: [off]\n    if: always()", "", ""),
        ("", "if: false", "the step never runs"),
        ("", "continue-on-error: true", "the step may fail, by `continue-on-error`"),
        ("", "continue-on-error: ${{ matrix.try }}", ""),
        ("", "shell: bash -x {0}", "the script goes on when it fails"),
    ],
)
def test_what_does_not_enforce(tmp_path: Path, job: str, step: str, why: str) -> None:
    lines = ["  off:", "    if: false", "    steps: []", "  build:"]
    lines += [f"    {job}"] * bool(job) + ["    steps:", "      - run: |", "          cargo a", "          b"]
    lines += [f"        {step}"] * bool(step)
    found = workflow(tmp_path, "\n".join(lines) + "\n")
    assert (found[0].loose, found[0].enforcing) == (why, not why)


def test_matrix_environment_and_folder(tmp_path: Path) -> None:
    jobs = """\
  build:
    env: {NAME: engine}
    strategy:
      matrix:
        kind: [a, b]
        include: [{kind: c, more: d}]
    defaults: {run: {working-directory: crates}}
    steps:
      - run: cargo test -p ${{ env.NAME }} --test ${{ matrix.kind }} $NAME ${{ github.ref }}
      - run: cd x && cargo test
        working-directory: other
"""
    found = workflow(tmp_path, jobs)
    texts = [command.text for command in found if command.argv[0] == "cargo" and len(command.argv) > 2]
    assert texts == [f"cargo test -p engine --test {kind} engine …" for kind in "abc"]
    assert {command.cwd for command in found} == {"crates", "other/x"}


def test_local_actions_and_workflows_are_followed(tmp_path: Path) -> None:
    files = {
        ".github/workflows/ci.yml": (
            "jobs:\n  a:\n    uses: ./.github/workflows/more.yml\n"
            "  b:\n    steps:\n      - uses: ./.github/actions/go\n"
        ),
        ".github/workflows/more.yml": "jobs:\n  c:\n    steps:\n      - run: cargo c\n",
        ".github/actions/go/action.yml": "runs:\n  using: composite\n  steps:\n    - run: cargo d\n      shell: bash\n",
    }
    found = commands.workflow_commands(target(tmp_path, files), ".github/workflows/ci.yml")
    assert [(command.text, command.path, command.where[0]) for command in found] == [
        ("cargo c", ".github/workflows/more.yml", "a"),
        ("cargo d", ".github/actions/go/action.yml", "b"),
    ]


def test_a_workflow_that_calls_itself_ends(tmp_path: Path) -> None:
    text = "jobs:\n  a:\n    uses: ./.github/workflows/ci.yml\n  b:\n    steps:\n      - run: cargo x\n"
    found = commands.workflow_commands(target(tmp_path, {".github/workflows/ci.yml": text}), ".github/workflows/ci.yml")
    assert 1 <= len(found) <= 20


def test_other_ci(tmp_path: Path) -> None:
    text = (
        "one:\n  script:\n    - cargo a && cargo b\n    - |\n      cargo c\nx: &x {script: cargo d}\ntwo:\n  <<: *x\n"
    )
    found = commands.other_ci_commands(target(tmp_path, {".gitlab-ci.yml": text}), ".gitlab-ci.yml")
    assert [(command.text, command.line) for command in found] == [
        ("cargo a", 3), ("cargo b", 3), ("cargo c", 5), ("cargo d", 6),
    ]  # fmt: skip


def test_manifests_are_found_by_shape(tmp_path: Path) -> None:
    files = {
        "a/gates.yml": (
            "profiles:\n  p:\n    steps:\n      - {args: [test, -p, x]}\n      - command: make\n        args: [y]\n"
        ),
        "b/other.yml": "profiles: [steps, args]\n",
        "c/broken.yml": "profiles: {steps: [args\n",
    }
    (manifest,) = commands.manifests(target(tmp_path, files))
    assert manifest.path == "a/gates.yml"
    assert [(step.argv, step.line) for step in manifest.profiles["p"]] == [
        (("cargo", "test", "-p", "x"), 4),
        (("make", "y"), 5),
    ]


PAGE = """---
title: "Acceptance runbook"
---
# Steps

| # | Command | Before |
|---|---|---|
| 1 | `cargo test -p a x` | was `cargo test -p a gone` |
| 2 | `cargo test -p a y\\|z` and `tool ci gate` | |

```
cargo test fenced
```
"""


def test_runbooks_are_found_by_content(tmp_path: Path) -> None:
    files = {"docs/a.md": PAGE, "docs/b.md": PAGE.replace("Acceptance", "Other"), "c.md": "# Acceptance runbook\n"}
    (book,) = commands.runbooks(target(tmp_path, files), ["acceptance runbook"], 2)
    assert book.path == "docs/a.md"
    assert [(command.argv[-1], command.line, command.where[0]) for command in book.commands] == [
        ("x", 8, "row 1"),
        ("y|z", 9, "row 2"),
        ("gate", 9, "row 2"),
    ]
    assert commands.runbooks(target(tmp_path, files), ["acceptance runbook"], 4) == ()


def sample(name: str = "clean") -> Target:
    return Target(WorkingTree(CASES / "ci-runbook" / name / "tree", "x"))


def test_delegation_leads_to_the_steps_of_a_profile() -> None:
    (made,) = commands.ci_delegations(sample(), LAYOUT)
    assert (made.subcommand, made.profile, made.problem) == ("gate", "full", "")
    assert made.manifest is not None
    assert made.manifest.path == "ci/gates.yaml"
    assert [step.line for step in made.steps] == [4, 5, 6]
    assert all(step.enforcing and step.delegate == made.command for step in made.steps)


@pytest.mark.parametrize(
    ("case", "place"),
    [
        ("unknown-subcommand", (".github/workflows/ci.yml", 11)),
        ("unknown-profile", (".github/workflows/ci.yml", 11)),
        ("manifest-gone", ("crates/forge/src/gate.rs", 5)),
    ],
)
def test_broken_delegation_has_a_place(case: str, place: tuple[str, int]) -> None:
    (made,) = commands.ci_delegations(sample(case), LAYOUT)
    assert made.problem
    assert made.problem_place[:2] == place
    assert not made.steps


def test_the_ci_set() -> None:
    test = TestId("engine", "test parity", "both_mills_agree")
    assert [command.path for command in commands.ci_runs(sample(), LAYOUT, test)] == ["ci/gates.yaml"]
    assert commands.ci_runs(sample("outcome-dropped"), LAYOUT, test) == ()
    plan = TestId("engine", "lib", "planner::tests::plans_nothing")
    assert [command.line for command in commands.ci_runs(sample(), LAYOUT, plan)] == [9, 4]
    assert commands.ci_runs(sample(), LAYOUT, TestId("engine", "lib", "planner::tests::gone")) == ()
