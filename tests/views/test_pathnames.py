from __future__ import annotations

import pytest

from pytest_mens.checks import path_glob
from pytest_mens.model import Finding, SubjectMissingError
from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import pathnames


@pytest.mark.parametrize(
    ("path", "folders", "name"),
    [
        ("a/b.bin", ("a",), "b.bin"),
        ("a\\b.BIN", ("a",), "b.bin"),
        ("C:\\a\\b.bin", ("a",), "b.bin"),
        ("c:b.bin", (), "b.bin"),
        ("a/C:\\t\\b.bin", ("a", "c:", "t"), "b.bin"),
        ("a/C:b.bin", ("a",), "b.bin"),
        ("\\\\server\\share\\a\\b.bin", ("a",), "b.bin"),
        ("//server/share/b.bin", (), "b.bin"),
        ("\\\\?\\C:\\a\\b.bin", ("a",), "b.bin"),
        ("\\\\.\\C:\\a\\b.bin", ("a",), "b.bin"),
        ("\\\\?\\UNC\\server\\share\\a\\b.bin", ("a",), "b.bin"),
        ("a/b.bin::$DATA", ("a",), "b.bin"),
        ("a/b.bin:stream", ("a",), "b.bin"),
        ("a/b.bin:stream:$DATA", ("a",), "b.bin"),
        ("a/b.bin. . ::$DATA", ("a",), "b.bin"),
        ("a. /b.bin..", ("a",), "b.bin"),
        ("./a//b", ("a",), "b"),
        ("STRASSE/STRAẞE.Bin", ("strasse",), "strasse.bin"),
    ],
)
def test_windows_reading(path: str, folders: tuple[str, ...], name: str) -> None:
    assert pathnames.windows(path) == pathnames.PathName(folders, name)


@pytest.mark.parametrize("path", ["a\\b.bin", "C:b.bin", "b.bin::$DATA", "b.BIN", "b.bin.", "b.bin "])
def test_posix_reads_one_name(path: str) -> None:
    assert pathnames.posix(path) == pathnames.PathName((), path)


def test_segments() -> None:
    name = pathnames.posix("x/merge.bin.safetensors")
    assert (name.stem, name.extensions, name.path) == ("merge", ("bin", "safetensors"), "x/merge.bin.safetensors")
    assert [short.name for short in name.shortened()] == [
        "merge.bin",
        "merge.bin",
        "merge.bin.safetensors",
        "merge.safetensors",
    ]


def test_readings_are_given_once() -> None:
    assert len(pathnames.readings("a/b.bin")) == 1
    assert len(pathnames.readings("a/B.bin")) == 2


def _check(*paths: str, **params: object) -> list[Finding]:
    return list(path_glob.check(Target(MemoryTree(dict.fromkeys(paths, ""))), path_glob.Params(**params)))  # type: ignore[arg-type]  # of mixed types


@pytest.mark.parametrize(
    "path",
    ["r/m.bin", "r/m.BIN", "r/m.bin.", "r/m.bin ", "r/m.bin::$DATA", "r\\m.bin", "C:\\r\\m.bin", "\\\\s\\h\\r\\m.bin"],
)
def test_absent_sees_both_readings(path: str) -> None:
    assert [found.path for found in _check(path, globs=("m*.bin",), expect="absent")] == [path]


def test_extensions() -> None:
    paths = ("m.bin.gz", "m.gz.bin", "m.x.bin.y", "m.binary.gz", "n.bin.gz")
    found = _check(*paths, globs=("m*.bin",), expect="absent", extensions="any")
    assert [finding.path for finding in found] == ["m.bin.gz", "m.gz.bin", "m.x.bin.y"]
    found = _check(*paths, globs=("m*.bin",), expect="absent")
    assert [finding.path for finding in found] == ["m.gz.bin"]


def test_posix_only() -> None:
    assert not _check("M.BIN", "m.bin.", globs=("m.bin",), expect="absent", read_as=("posix",))


def test_exceptions() -> None:
    assert not _check("old/m.bin", "new.txt", globs=("m.bin",), unless=("old/",), expect="absent")


def test_present_is_anchored_where_a_match_would_be() -> None:
    params = {"globs": ("docs/adr/*.md",), "expect": "present"}
    assert not _check("docs/adr/1.md", **params)
    assert [finding.path for finding in _check("docs/adr/1.txt", **params)] == ["docs/adr"]
    assert [finding.path for finding in _check("x", **params)] == ["."]


def test_nothing_to_judge() -> None:
    with pytest.raises(SubjectMissingError):
        _check(globs=("x",), expect="absent")
