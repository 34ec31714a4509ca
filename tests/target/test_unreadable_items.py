"""What a rule needs and cannot have fails the entry, naming the file and the cause, and is never called missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_mens import judge
from pytest_mens.checks import path_glob, pattern
from pytest_mens.model import Entry, SubjectMissingError, UnreadableError
from pytest_mens.target import Target, tree
from pytest_mens.target.tree import WorkingTree


def link(place: Path) -> None:
    place.unlink()
    place.symlink_to("/etc/passwd")


def link_folder(place: Path) -> None:
    place.unlink()
    place.parent.rmdir()
    place.parent.symlink_to("/etc")


def fifo(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def folder(place: Path) -> None:
    place.unlink()
    place.mkdir()
    (place / "f").touch()


def huge(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(3 << 30)


def text(data: bytes) -> Callable[[Path], object]:
    return lambda place: place.write_bytes(data)


CASES = [
    (link, "UNREADABLE src/ci.yml: symbolic link"),
    (link_folder, "UNREADABLE src/ci.yml: symbolic link (src)"),
    (fifo, "UNREADABLE src/ci.yml: not a regular file"),
    (folder, "UNREADABLE src/ci.yml: not a regular file"),
    (huge, "UNREADABLE src/ci.yml: larger than 2097152 bytes"),
    (text("x".encode("utf-16")), "UNREADABLE src/ci.yml: not valid UTF-8"),
    (text(b"\xe9"), "UNREADABLE src/ci.yml: not valid UTF-8"),
    (text(b"\0"), "UNREADABLE src/ci.yml: NUL byte"),
    (
        text(b"version https://git-lfs.github.com/spec/v1\n"),
        "UNREADABLE src/ci.yml: Git LFS pointer, not the file itself",
    ),
]


def named_file(target: Target, path: str):
    if not target.exists(path):
        raise SubjectMissingError("it is not there", path=path)
    target.text(path)
    yield from ()


def entry_of(check, params, missing: str = "fail") -> Entry:
    return Entry("e", "S", "T", "R", "c", missing, params, check, (), 1)


@pytest.mark.parametrize("missing", ["fail", "skip"])
@pytest.mark.parametrize(("spoil", "message"), CASES)
def test_a_file_that_cannot_be_used(
    tmp_path: Path, spoil: Callable[[Path], object], message: str, missing: str
) -> None:
    place = tmp_path / "src" / "ci.yml"
    place.parent.mkdir()
    place.touch()
    target = Target(WorkingTree(tmp_path, "t"))
    entry = entry_of(named_file, "src/ci.yml", missing)
    assert judge.judge(entry, target).outcome == "passed"
    spoil(place)
    verdict = judge.judge(entry, Target(WorkingTree(tmp_path, "t")))
    assert (verdict.outcome, [finding.message for finding in verdict.findings]) == ("failed", [message])
    assert [finding.path for finding in verdict.findings] == ["src/ci.yml"]


@pytest.mark.parametrize(
    ("check", "params"),
    [
        (path_glob.check, path_glob.Params(("*.bin",), "absent")),
        (pattern.check, pattern.Params(files=("*.rs",), pattern="x", expect="absent")),
    ],
)
def test_a_closed_directory_fails_what_would_look_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check, params
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "f.rs").touch()
    (tmp_path / "a" / "b" / "x.bin").touch()
    monkeypatch.setattr(tree, "DEPTH_LIMIT", 1)
    entry = entry_of(check, params)
    verdict = judge.judge(entry, Target(WorkingTree(tmp_path, "t")))
    assert [finding.message for finding in verdict.findings] == [
        "UNREADABLE a/b: directory too deep (more than 1 levels)"
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_narrowing_finds_words_in_utf16(tmp_path: Path, encoding: str) -> None:
    """Whoever narrows by bytes gets the file, and learns from its text that it is none."""
    (tmp_path / "wide.rs").write_bytes("fn needle() {}".encode(encoding))
    (tmp_path / "other.rs").write_bytes("fn main() {}".encode(encoding))
    target = Target(WorkingTree(tmp_path, "t"))
    assert target.containing([b"needle"], target.paths) == ["wide.rs"]
    with pytest.raises(UnreadableError, match=r"not valid UTF-8|NUL byte"):
        target.text("wide.rs")


def test_narrowing_keeps_what_stands_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "far.rs").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    target = Target(WorkingTree(tmp_path, "t"))
    assert target.containing([b"needle"], target.paths) == ["far.rs"]
    with pytest.raises(UnreadableError, match="LFS"):
        target.data("far.rs")
