"""A working tree is walked and read within bounds; what cannot be had is named with fixed words."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pytest_mens.model import UnreadableError
from pytest_mens.target import Target, beneath, tree
from pytest_mens.target.tree import MemoryTree, OverlayTree, WorkingTree, decode

LIMIT = 1000


def make(root: Path, files: dict[str, str]) -> WorkingTree:
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    return WorkingTree(root, "t")


def reason(tree_: tree.Tree, path: str, limit: int = LIMIT) -> str:
    with pytest.raises(UnreadableError) as caught:
        tree_.read(path, limit)
    assert caught.value.path in (path, ".")
    return caught.value.reason


@pytest.mark.parametrize(
    ("ignore", "path", "listed"),
    [
        ("target/", "target/x", False),
        ("target/", "a/target/x", False),
        ("/target", "a/target/x", True),
        ("/target", "target/x", False),
        ("a/*/c", "a/b/c/x", False),
        ("**/out/", "a/out/x", False),
        ("*.log", "a.log", True),  # an ignored name in a directory that is walked
        ("logs/*\n!logs/keep/", "logs/keep/x", True),
        ("logs/*\n!logs/keep/", "logs/drop/x", False),
        ("logs/\n!logs/keep/", "logs/keep/x", False),  # nothing below an ignored directory comes back
        ("build\r\n", "build/x", False),
        ("# build/", "build/x", True),
        ("[z-a]\nbuild/", "build/x", False),
        ("*a*a*a*a*a*b/\nbuild/", "build/x", True),  # a bomb for the matcher hides nothing
    ],
)
def test_ignored_directories_are_pruned(tmp_path: Path, ignore: str, path: str, *, listed: bool) -> None:
    (tmp_path / ".gitignore").write_bytes(ignore.encode())
    assert (path in make(tmp_path, {path: ""}).paths()) is listed


def test_ignore_files_apply_below_themselves_and_the_nearest_decides(tmp_path: Path) -> None:
    files = {".gitignore": "gen/\n", "a/.gitignore": "!gen/\nx/\n", "a/gen/f": "", "gen/f": "", "a/x/f": "", "x/f": ""}
    assert make(tmp_path, files).paths() == (".gitignore", "a/.gitignore", "a/gen/f", "x/f")


def test_unreadable_ignore_files_hide_nothing(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("a/\n")
    (tmp_path / ".gitignore").symlink_to("rules")
    assert "a/f" in make(tmp_path, {"a/f": ""}).paths()


def test_tracked_files_in_ignored_directories_are_listed(repo) -> None:
    repo.commit(**{".gitignore": "gen/\n*.lock\n", "gen/a.rs": "", "gen/deep/b.rs": "", "x.lock": ""})
    repo.write("gen/untracked.rs", "")
    repo.write("gen/other/c.rs", "")
    repo.write("new.lock", "")
    found = WorkingTree(repo.root, "t").paths()
    assert found == (".gitignore", "gen/a.rs", "gen/deep/b.rs", "new.lock", "x.lock")
    assert repo.open("HEAD").target.paths == (".gitignore", "gen/a.rs", "gen/deep/b.rs", "x.lock")
    linked = repo.root.parent / "linked"
    repo.git("worktree", "add", "-q", str(linked))
    assert WorkingTree(linked, "t").paths() == (".gitignore", "gen/a.rs", "gen/deep/b.rs", "x.lock")


@pytest.mark.parametrize("options", [(), ("-c", "index.version=4")])
def test_the_listing_is_that_of_git(repo, options: tuple[str, ...]) -> None:
    names = [f"{'d' * depth}/{name}" for depth in (1, 3, 9) for name in ("a", "ab", "a b", "é", "x" * 200, "-n")]
    repo.commit(**dict.fromkeys([*names, ".gitignore"], "d/\n"))
    repo.git(*options, "update-index", "--force-write-index")
    repo.git("mv", names[0], "moved")
    assert list(WorkingTree(repo.root, "t").paths()) == sorted(repo.git("ls-files", "-z").strip("\0").split("\0"))


def test_a_nested_repository_is_one_thing(repo) -> None:
    repo.commit(a="", **{"d/f": ""})
    for path in ("d/.git", "inner/.git/HEAD", "inner/f", ".GIT/config"):
        repo.write(path, "")
    assert WorkingTree(repo.root, "t").paths() == ("a", "d/f")


@pytest.mark.parametrize("content", [b"", b"DIRC", b"DIRC\0\0\0\2\xff\xff\xff\xff", b"\0" * 100])
def test_a_broken_index_hides_nothing(tmp_path: Path, content: bytes) -> None:
    files = make(tmp_path, {"a/f": "", ".git/x": ""})
    (tmp_path / ".git" / "index").write_bytes(content)
    assert files.paths() == ("a/f",)


def test_links_are_listed_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    root = tmp_path / "root"
    files = make(root, {"real/f": "text"})
    links = {
        "file": "real/f",
        "folder": "real",
        "out": "../secret",
        "proc": "/proc/self/environ",
        "loop": "loop",
        "no": "x",
    }
    for name, leads in links.items():
        (root / name).symlink_to(leads)
    target = Target(files)
    assert target.paths == tuple(sorted([*links, "real/f"]))
    for name in links:
        assert target.exists(name)
        assert reason(files, name) == "symbolic link"
    assert reason(files, "folder/f") == "symbolic link (folder)"
    with pytest.raises(UnreadableError, match=r"UNREADABLE folder/f: symbolic link \(folder\)"):
        target.exists("folder/f")
    with pytest.raises(UnreadableError, match="symbolic link"):
        target.glob("folder/*")
    assert target.glob("*/f", "**/f", "f") == ("real/f",)
    assert str(target.obstacle("folder/deep/f")) == "UNREADABLE folder/deep/f: symbolic link (folder)"
    assert target.obstacle("nowhere/f") is None


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    make(tmp_path / "real", {"f": "text"})
    (tmp_path / "link").symlink_to("real")
    assert WorkingTree(tmp_path / "link", "t").read("f", LIMIT) == b"text"


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    files = make(tmp_path, {"folder/f": "", "plain": "", "ci.yml/f": ""})
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
        assert {"fifo", "socket"} <= set(files.paths())
        assert {path: reason(files, path) for path in ("fifo", "socket", "folder", "plain/x")} == {
            "fifo": "not a regular file",
            "socket": "not a regular file",
            "folder": "not a regular file",
            "plain/x": "not a regular file (plain)",
        }
    target = Target(files)
    assert str(target.obstacle("ci.yml")) == "UNREADABLE ci.yml: not a regular file"
    assert (target.exists("ci.yml"), target.obstacle("folder"), target.obstacle("."), target.obstacle(".x")) == (
        True,
        None,
        None,
        None,
    )


def test_a_root_that_is_gone(tmp_path: Path) -> None:
    assert reason(WorkingTree(tmp_path / "gone", "t"), "f") == "vanished during the run"


def test_sizes_are_judged_before_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = make(tmp_path, {"f": "12345", "g": "12345"})
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(3 << 30)
    assert reason(files, "sparse") == "larger than 1000 bytes"
    assert reason(files, "f", 4) == "larger than 4 bytes"
    assert files.read("f", 5) == b"12345"
    monkeypatch.setattr(tree, "READ_LIMIT", 8)
    tight = WorkingTree(tmp_path, "t")
    tight.read("f", 5)
    assert reason(tight, "g") == "larger than what is left of 8 bytes for one run"


def test_files_that_vanish_or_change(tmp_path: Path) -> None:
    files = make(tmp_path, {"gone": "", "changed": "one", "link": "", "d/f": ""})
    files.paths()
    files.read("changed", LIMIT)
    (tmp_path / "gone").unlink()
    (tmp_path / "changed").write_text("other")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("changed")
    (tmp_path / "d").rename(tmp_path / "e")
    assert {path: reason(files, path) for path in ("gone", "changed", "link", "d/f")} == {
        "gone": "vanished during the run",
        "changed": "changed during the run",
        "link": "symbolic link",
        "d/f": "vanished during the run",
    }


def test_a_file_that_is_written_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = make(tmp_path, {"f": "one"})
    real = os.read

    def read(handle: int, size: int) -> bytes:
        data = real(handle, size)
        if data:
            with (tmp_path / "f").open("a") as file:
                file.write("more")
        return data

    monkeypatch.setattr(beneath.os, "read", read)
    assert reason(files, "f") == "changed during the run"


@pytest.mark.parametrize("path", ["../t", "a/../b", "/etc/passwd", "", "a//b", "./a", "a/", "nul\0"])
def test_paths_that_lead_elsewhere(tmp_path: Path, path: str) -> None:
    files = make(tmp_path, {"a/b": ""})
    assert reason(files, path) == "not a path inside the target"


def test_directories_too_deep_and_files_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "DEPTH_LIMIT", 3)
    target = Target(make(tmp_path, {"a/b/c/f.rs": "", "a/b/c/d/g.rs": "", "z/f.md": ""}))
    assert target.paths == ("a/b/c/f.rs", "z/f.md")
    for ask in (lambda: target.glob("*.rs"), lambda: target.glob("a/**/g.rs"), lambda: target.exists("a/b/c/d/g.rs")):
        with pytest.raises(UnreadableError, match=r"UNREADABLE a/b/c/d.*: directory too deep"):
            ask()
    assert target.glob("/z/*.md", "a/b/c/*.rs", "/f.rs") == ("a/b/c/f.rs", "z/f.md")
    monkeypatch.setattr(tree, "ENTRIES_LIMIT", 2)
    many = Target(WorkingTree(tmp_path, "t"))
    assert many.paths == ()
    with pytest.raises(UnreadableError, match=r"UNREADABLE x: too many files \(more than 2\)"):
        many.exists("x")
    with pytest.raises(UnreadableError, match="too many files"):
        many.glob("*.rs")


def test_a_path_600_levels_deep_is_walked_within_few_handles(tmp_path: Path) -> None:
    script = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "os.chdir(sys.argv[1])\n"
        "for _ in range(600): os.mkdir('d' * 50); os.chdir('d' * 50)\n"
        "open('f', 'w').close()\n"
        "from pathlib import Path; from pytest_mens.target.tree import WorkingTree\n"
        "tree = WorkingTree(Path(sys.argv[1]), 't'); open(sys.argv[1] + '/top', 'w').close()\n"
        "assert tree.paths() == ('top',), tree.paths()\n"
        "assert 'too deep' in ''.join(tree.obstacles().values())\n"
        "for _ in range(600): os.chdir('..')\n"
        "import shutil; sys.setrecursionlimit(10000); os.system('rm -rf ddd*')\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=60)


def test_what_may_not_be_read() -> None:
    script = (
        "import os, sys; from pathlib import Path; from pytest_mens.model import UnreadableError\n"
        "from pytest_mens.target import Target; from pytest_mens.target.tree import WorkingTree\n"
        "from pytest_mens.target import globs\n"
        "globs.matcher(['*.rs', '/open/*.md'])('x')\n"  # imported while the environment can still be read
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "target = Target(WorkingTree(Path(sys.argv[1]), 't'))\n"
        "assert target.paths == ('file.rs', 'open/f.md'), target.paths\n"
        "asks = [lambda: target.data('file.rs'), lambda: target.data('closed/f.rs'),"
        " lambda: target.glob('*.rs'), lambda: target.exists('closed/f.rs')]\n"
        "for ask in asks:\n"
        "    try: raise SystemExit(f'it was read: {ask()}')\n"
        "    except UnreadableError as error: assert error.reason.startswith('permission denied'), error\n"
        "assert target.glob('/open/*.md') == ('open/f.md',)\n"
    )
    with tempfile.TemporaryDirectory() as folder:  # pytest's own directories are closed to other users
        root = Path(folder)
        root.chmod(0o755)
        make(root, {"closed/f.rs": "", "file.rs": "x", "open/f.md": "x"})
        (root / "closed").chmod(0)
        (root / "file.rs").chmod(0)
        try:
            subprocess.run([sys.executable, "-c", script, folder], check=True, timeout=60, cwd="/")
        finally:
            (root / "closed").chmod(0o755)


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_names_are_utf8_whatever_the_locale(tmp_path: Path, locale: str) -> None:
    names = [b"\xff.rs", "é.rs".encode(), b"new\nline", b"\x1b[2J", "\u202e".encode(), b" ", b"[x]"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(name)
    script = (
        "import sys; from pathlib import Path; from pytest_mens.target.tree import WorkingTree\n"
        "tree = WorkingTree(Path(sys.argv[1]), 't')\n"
        "for path in tree.paths():\n"
        "    assert tree.read(path, 100) == path.encode('utf-8', 'surrogateescape'), ascii(path)\n"
        "print(len(tree.paths()))\n"
    )
    for extra in ({}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        environment = {**os.environ, "LC_ALL": locale, **extra}
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == str(len(names))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfa\r\nb\rc\n", "a\nb\rc\n"),
        ("\ufeff\ufeffx".encode(), "\ufeffx"),
        ("a\u2028b\x0bc".encode(), "a\u2028b\x0bc"),
        (b"", ""),
    ],
)
def test_text(data: bytes, text: str) -> None:
    assert decode("f", data) == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("text".encode("utf-16"), "not valid UTF-8"),
        ("é".encode("latin-1"), "not valid UTF-8"),
        (b"\xed\xa0\x80", "not valid UTF-8"),
        (b"a\0b", "NUL byte"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "LFS"),
    ],
)
def test_what_is_no_text(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        decode("f", data)


def test_an_overlay_edits_another_tree() -> None:
    edited = OverlayTree(MemoryTree({"a": "1", "b": "2", "c": "3"}), {"b": b"two", "c": None, "d": b"4"})
    assert edited.paths() == ("a", "b", "d")
    assert [edited.read(path, 3) for path in edited.paths()] == [b"1", b"two", b"4"]
    assert reason(edited, "b", 2) == "larger than 2 bytes"
    assert reason(edited, "c") == "vanished during the run"


@pytest.mark.parametrize("rev", [None, "HEAD"])
def test_globs_leave_out_links_to_what_they_match(repo, rev: str | None) -> None:
    repo.write("README.md", "x")
    repo.write("notes.txt", "x")
    repo.write("crates/a/b/x", "x")
    links = {
        "crates/a/README.md": "../../README.md",
        "crates/a/b/other.md": "../README.md",  # a link to a link
        "same.md": "README.md",
        "hidden.md": "notes.txt",  # judged by no glob for *.md
        "dot.md": "./README.md",
        "loop.md": "loop.md",
        "gone.md": "nowhere.md",
        "out.md": "../README.md",
        "round.md": "crates/../README.md",
        "absolute.md": str(repo.root / "README.md"),
        "crates/a/b/up.md": "..",
    }
    for path, leads_to in links.items():
        (repo.root / path).symlink_to(leads_to)
    repo.commit()
    target = repo.open(rev).target
    assert set(target.glob("*.md")) == {"README.md", *links} - {"crates/a/README.md", "same.md"}
    assert target.glob("crates/**/*.md") == ("crates/a/README.md", "crates/a/b/other.md", "crates/a/b/up.md")
