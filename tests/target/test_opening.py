"""What is typed after --mens-repo: a directory, or one line that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_mens.target.errors import TargetError
from pytest_mens.target.opening import open_target


def spoil(root: Path) -> None:
    (root / "empty").mkdir()
    (root / "only-git" / ".git").mkdir(parents=True)
    (root / "file").touch()
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("nowhere")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere", "does not exist"),
        ("nowhere/below", "does not exist"),
        ("dangling", "does not exist"),
        ("x" * 5000, "cannot be opened"),
        ("loop", "cannot be opened"),
        ("file", "is not a directory"),
        ("file/below", "is not a directory"),
        ("", "needs the path of a directory"),
        ("empty", "holds no file"),
        ("only-git", "holds no file"),
        ("https://example.org/x.git", "is a URL"),
        ("git@example.org:x/y.git", "is a URL"),
        ("ssh://example.org/x", "is a URL"),
        ("a\nb", "control characters"),
        ("a\0b", "control characters"),
        ("\x1b[2J", "control characters"),
        ("\u202ea", "control characters"),
        ("\udcff", "control characters"),
    ],
)
def test_paths_that_are_refused(tmp_path: Path, path: str, words: str) -> None:
    spoil(tmp_path)
    with pytest.raises(TargetError) as caught:
        open_target(path, None, None, tmp_path)
    assert words in str(caught.value)
    assert str(caught.value).startswith("--mens-repo=")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["plain", "with space", "é", "\u3000", "-n", "a:b", "[x]"])
def test_paths_that_are_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "f").write_text("x")
    (tmp_path / "link").symlink_to(name)
    for path in (name, f"{name}/", f"./{name}/../{name}", str(tmp_path / name), "link"):
        opened = open_target(path, None, None, tmp_path)
        assert opened.target.text("f") == "x"
        assert opened.root == tmp_path / name
        assert opened.target.tree.label == name
        assert opened.description == f"{path} (working tree)"
