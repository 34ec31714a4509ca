"""Properties of the target layer over inputs nobody thought of."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from pytest_mens.model import UnreadableError
from pytest_mens.target import Target, index
from pytest_mens.target.errors import TargetError, visible
from pytest_mens.target.git import GitError, _header
from pytest_mens.target.opening import open_target
from pytest_mens.target.repository import _setting
from pytest_mens.target.revision import _entries
from pytest_mens.target.tree import WorkingTree

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
_WATCHED: list[list[str]] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _WATCHED and isinstance(arguments[0], (str, bytes)):
        _WATCHED[-1].append(os.fsdecode(arguments[0]))


sys.addaudithook(_watch)


class SafeTree(RuleBasedStateMachine):
    """Whatever happens to the files meanwhile, only bytes of regular files below the root come out."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        self.root = self.place / "root"
        self.root.mkdir()
        (self.place / "secret").write_text("secret")
        (self.place / "outside").mkdir()
        for name in "abc":
            (self.place / "outside" / name).write_text("secret")

    @initialize()
    def open(self) -> None:
        self.tree = WorkingTree(self.root, "t")

    def teardown(self) -> None:
        for folder, _, _ in os.walk(self.place):
            Path(folder).chmod(0o755)
        shutil.rmtree(self.place)

    def at(self, path: str) -> Path:
        """Give a place to act on, never one behind a link."""
        place = self.root / path
        if any(parent.is_symlink() for parent in place.parents):
            raise OSError(path)
        return place

    @rule(path=PATHS, content=st.binary(max_size=8))
    def write(self, path: str, content: bytes) -> None:
        with contextlib.suppress(OSError):
            place = self.at(path)
            if not place.is_symlink() and not place.is_fifo():
                place.write_bytes(b"inside" + content)

    @rule(path=PATHS)
    def mkdir(self, path: str) -> None:
        with contextlib.suppress(OSError):
            self.at(path).mkdir()

    @rule(path=PATHS, leads=st.sampled_from(["../outside", "../../outside", "../secret", "a", ".", "/etc/passwd"]))
    def symlink(self, path: str, leads: str) -> None:
        with contextlib.suppress(OSError):
            self.at(path).symlink_to(leads)

    @rule(path=PATHS)
    def fifo(self, path: str) -> None:
        with contextlib.suppress(OSError):
            os.mkfifo(self.at(path))

    @rule(path=PATHS, mode=st.sampled_from([0, 0o400, 0o755]))
    def chmod(self, path: str, mode: int) -> None:
        with contextlib.suppress(OSError):
            if not self.at(path).is_symlink():
                self.at(path).chmod(mode)

    @rule(old=PATHS, new=PATHS)
    def rename(self, old: str, new: str) -> None:
        with contextlib.suppress(OSError):
            self.at(old).rename(self.at(new))

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        with contextlib.suppress(OSError):
            place = self.at(path)
            if place.is_dir() and not place.is_symlink():
                place.rmdir()
            else:
                place.unlink()

    @rule()
    def list(self) -> None:
        self.open()
        assert self.tree.paths() == tuple(sorted(self.tree.paths()))

    @rule(path=PATHS, limit=st.sampled_from([6, 100]))
    def read(self, path: str, limit: int) -> None:
        opened: list[str] = []
        _WATCHED.append(opened)
        try:
            data = self.tree.read(path, limit)
        except UnreadableError as error:
            assert error.path in (path, ".")  # noqa: PT017 - the error is one of two right outcomes
        else:
            assert data.startswith(b"inside")
            assert len(data) <= limit
        finally:
            _WATCHED.pop()
        assert all("/" not in name or name == str(self.root) for name in opened)


SafeTree.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestSafeTree = SafeTree.TestCase


@given(st.text(), st.none() | st.text(), st.none() | st.text())
@settings(max_examples=200, deadline=None)
def test_any_argument_opens_a_target_or_is_one_line(path: str, rev: str | None, base: str | None) -> None:
    start = Path(__file__).parent
    try:
        target = open_target(path, rev, base, start).target
    except TargetError as error:
        assert str(error).isprintable()  # noqa: PT017 - the error is one of two right outcomes
    else:
        assert isinstance(target, Target)


@given(st.text())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_revision_is_resolved_or_is_one_line(shared_repo, rev: str) -> None:
    try:
        shared_repo.open(rev, rev)
    except TargetError as error:
        assert str(error).isprintable()  # noqa: PT017 - the error is one of two right outcomes


@pytest.fixture(scope="module")
def shared_repo(tmp_path_factory: pytest.TempPathFactory, repo_class):
    repo = repo_class(tmp_path_factory.mktemp("shared") / "repo").init()
    repo.commit(f="x")
    return repo


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_tree_or_malformed(data: bytes) -> None:
    try:
        names = [entry.name for entry in _entries(data, 20, "t")]
    except TargetError as error:
        assert "malformed tree" in str(error)  # noqa: PT017 - the error is one of two right outcomes
    else:
        assert not {"", ".", "..", ".git"} & set(names)
        assert len(set(names)) == len(names)


@given(rest=st.binary(max_size=400), version=st.integers(2, 4), count=st.integers(0, 3), is_sha256=st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_an_index_or_none(*, rest: bytes, version: int, count: int, is_sha256: bool) -> None:
    data = b"DIRC" + version.to_bytes(4, "big") + count.to_bytes(4, "big") + rest
    found = index.tracked(data + (hashlib.sha256(data).digest() if is_sha256 else b""))
    assert found is None or len(found) <= count
    index.tracked(rest)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_configuration(data: bytes) -> None:
    found = _setting(data + b"\n[core]\n\tworktree = here\n", "core", "worktree")
    assert found == "here"


@given(st.text() | st.from_regex(r"[0-9a-f]{40} (blob|tree) -?[0-9]{1,30}", fullmatch=True))
@settings(max_examples=200, deadline=None)
def test_any_line_is_an_answer_of_git_or_an_error(line: str) -> None:
    with contextlib.suppress(GitError):
        header = _header(line)
        assert header is None or header.size >= 0


@given(st.binary(max_size=60) | st.text(max_size=30).map(lambda text: f"gitdir: {text}\n".encode()))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_git_file_that_does_not_lead_back_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".git").write_bytes(content)
    with pytest.raises(TargetError):
        open_target(str(tmp_path), "HEAD", None, tmp_path)
    assert WorkingTree(tmp_path, "t").paths() == ()


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_messages_show_what_cannot_be_printed(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert visible(shown) == shown
