"""The shipped checklist on the example with one file spoiled: the entries that need it say so, and none gets better."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_mens import checklist
from pytest_mens.judge import Verdict, judge
from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree

EXAMPLE = Path(__file__).parents[1] / "examples" / "vox"
ENTRIES = checklist.load(checklist.shipped())


def verdicts(root: Path) -> dict[str, Verdict]:
    target = Target(WorkingTree(root, "vox"))
    return {entry.id: judge(entry, target) for entry in ENTRIES}


@pytest.fixture(scope="module")
def sound() -> dict[str, Verdict]:
    return verdicts(EXAMPLE)


def link(place: Path) -> None:
    place.unlink()
    place.symlink_to("/proc/self/environ")


def fifo(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def utf16(place: Path) -> None:
    place.write_bytes(place.read_text("utf-8").encode("utf-16"))


def lfs(place: Path) -> None:
    place.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "utf-8")


def huge(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(3 << 30)


def folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


def nested(place: Path) -> None:
    with place.open("a", encoding="utf-8") as file:
        file.write(f"\n[package.metadata]\nx = {'[' * 50_000}{']' * 50_000}\n")


@pytest.mark.parametrize(
    ("path", "spoil", "words"),
    [
        ("scripts/mens/gates.yaml", utf16, "not valid UTF-8"),
        ("scripts/mens/gates.yaml", link, "symbolic link"),
        (".github/workflows/ci.yml", fifo, "not a regular file"),
        (".github/workflows/ci.yml", lfs, "Git LFS pointer"),
        ("Cargo.toml", link, "symbolic link"),
        ("crates/vox-populi/Cargo.toml", utf16, "NUL byte|not valid UTF-8"),
        ("crates/vox-populi/Cargo.toml", nested, "not valid TOML"),
        ("crates/vox-populi/src/lib.rs", utf16, "not valid UTF-8"),
        ("crates/vox-tensor/src/lora.rs", huge, "larger than"),
        ("crates/vox-populi/src/mens/tensor/qlora_preflight.rs", lfs, "Git LFS pointer"),
        ("crates/vox-tensor/src/lora.rs", folder, "not a regular file"),
        ("crates/vox-populi/Cargo.toml", folder, "not a regular file"),
        (".github/workflows/ci.yml", folder, "not a regular file"),
        ("docs/src/reference/mens-training.md", folder, "not a regular file"),
        ("docs/src/reference/mens-training.md", utf16, "not valid UTF-8"),
        ("docs/src/architecture/mens-finetune-acceptance-runbook.md", utf16, "not valid UTF-8"),
        ("docs/src/architecture/mens-llm-pr-checklist.md", fifo, "not a regular file"),
    ],
)
def test_nothing_passes_for_want_of_a_file(
    tmp_path: Path, sound: dict[str, Verdict], path: str, spoil: Callable[[Path], None], words: str
) -> None:
    root = tmp_path / "vox"
    shutil.copytree(EXAMPLE, root, symlinks=True, ignore=shutil.ignore_patterns("target"))
    spoil(root / path)
    found = verdicts(root)
    told = {
        id_
        for id_, verdict in found.items()
        if any(
            finding.message.startswith(f"UNREADABLE {path}: {word}")
            for finding in verdict.findings
            for word in words.split("|")
        )
    }
    assert told
    assert not {id_: verdict.crash for id_, verdict in found.items() if verdict.crash is not None}
    better = {"passed", "skipped"}
    assert not {
        id_: verdict.outcome
        for id_, verdict in found.items()
        if verdict.outcome in better and verdict.outcome != sound[id_].outcome
    }
