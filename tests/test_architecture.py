"""The layout is what docs/design.md says: one id everywhere, and imports that run one way."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pytest_mens import checklist

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pytest_mens"
IDS = {entry.id for entry in checklist.load(checklist.shipped())}

CONTRACT = {
    "duplication-and-ownership": ["lora-trees", "operator-strings"],
    "feature-flags-and-api": ["mens-train-feature", "format-strings"],
    "tensor-layout": ["matmul-orientation", "bias-broadcast", "tolerances"],
    "tests-and-ci": ["ci-runbook", "strict-qlora-proxy", "ci-test-binary", "gpu-only-coverage", "path-edge-cases"],
    "documentation": ["two-docs", "nf4-wording"],
    "vox-web-training-corpus": ["express-legacy", "golden-examples"],
    "merge-attention": ["rope-merge"],
    "parity-strategy": ["parity-tier-a", "parity-tier-b", "parity-tier-c"],
    "checklist": ["checklist-drift"],
}

# A room may import itself and the rooms before it.
ROOMS = [
    ("model",),
    ("target",),
    ("views",),
    ("checks",),
    ("checklist", "judge", "hookspecs"),
    ("report",),
    ("guard", "plain_import"),
    ("session",),
    ("__init__",),
]


def test_sections_and_ids_are_the_promised_ones() -> None:
    entries = checklist.load(checklist.shipped())
    found: dict[str, list[str]] = {}
    for entry in entries:
        found.setdefault(entry.slug, []).append(entry.id)
    assert found == CONTRACT


def test_every_id_has_its_page_and_its_cases() -> None:
    pages = {page.stem: page.read_text("utf-8").split("\n", 1)[0] for page in (ROOT / "docs" / "checks").glob("*.md")}
    assert pages == {id_: f"# {id_}" for id_ in IDS}
    assert {folder.name for folder in (ROOT / "tests" / "cases").iterdir()} == IDS


@pytest.mark.parametrize("id_", sorted(IDS))
def test_every_id_has_clean_failing_and_look_alike_cases(id_: str) -> None:
    expected = [path.read_text("utf-8") for path in (ROOT / "tests" / "cases" / id_).glob("*/expected")]
    failing = [
        text for text in expected if any(": note: " not in line for line in text.splitlines() if "skip: " not in line)
    ]
    assert len(expected) >= 3
    assert failing
    assert len(failing) < len(expected)


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def room(name: str) -> int | None:
    """Give the rank of the room that a module name of ours belongs to."""
    parts = name.split(".")
    if parts[0] != "pytest_mens":
        return None
    inner = parts[1] if len(parts) > 1 else "__init__"
    ranks = [rank for rank, rooms in enumerate(ROOMS) if inner in rooms]
    return ranks[0] if ranks else None


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_run_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    rank = room(f"pytest_mens.{own}")
    assert rank is not None, f"{path} stands in no room"
    for name in imports(path):
        other = room(name)
        # From the package itself only names that stand there (the version, MensNote) may be taken.
        if name != "pytest_mens" and other is not None and own != "__init__":
            assert other <= rank, f"{path} imports {name}"
        if own == "checks":
            assert not name.startswith(("pytest.", "_pytest")), f"{path} imports {name}"
            assert name != "pytest"
            assert not name.startswith("pytest_mens.checks"), f"{path} imports the checker {name}"


def test_no_path_or_name_of_the_target_stands_in_the_code() -> None:
    words = ("vox", "populi", "schola", "lora.rs", "mens-train", "gates.yaml", "qlora", "agents.md")
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        # A string that is a statement by itself is documentation, where an example may name the target.
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                assert not any(word in node.value.lower() for word in words), f"{path}:{node.lineno}: {node.value!r}"
