"""Revisions are read through a git directory of our own: nothing of the target's is obeyed, nothing is fetched."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from pytest_mens.model import UnreadableError
from pytest_mens.target import git as git_module
from pytest_mens.target import revision as revision_module
from pytest_mens.target.errors import TargetError
from pytest_mens.target.ids import object_id
from pytest_mens.target.opening import open_target

GIT_VERSION = tuple(
    int(part) for part in re.findall(r"\d+", subprocess.check_output(["git", "version"], text=True))[:2]
)


def refused(repo, rev: str | None = "HEAD", base: str | None = None) -> str:
    with pytest.raises(TargetError) as caught:
        repo.open(rev, base)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def unreadable(repo, path: str, rev: str = "HEAD") -> str:
    target = repo.open(rev).target
    for paths in (target.paths, (path,)):  # read ahead with others, and alone
        target.tree.prepare(paths, 1 << 20)
        with pytest.raises(UnreadableError) as caught:
            target.data(path)
        assert caught.value.path == path
    others = [other for other in target.paths if other != path]
    assert all(target.data(other) is not None for other in others)
    return caught.value.reason


def test_files_of_a_revision(repo) -> None:
    first = repo.commit(a="1", **{"d/b": "2\r\n"})
    repo.write("d/b", "dirty")
    (repo.root / "link").symlink_to("a")
    repo.commit(c="3")
    old, new = repo.open(first).target, repo.open("HEAD").target
    assert (old.paths, new.paths) == (("a", "d/b"), ("a", "c", "d/b", "link"))
    assert (old.text("d/b"), new.data("d/b")) == ("2\n", b"dirty")
    with pytest.raises(UnreadableError, match="symbolic link"):
        new.data("link")
    with pytest.raises(UnreadableError, match="larger than 4 bytes"):
        new.data("d/b", 4)
    assert repo.open("HEAD").target.tree.label == "repo@HEAD"
    assert repo.open("HEAD").root is None


@pytest.mark.parametrize(
    ("rev", "index"),
    [
        ("HEAD", 3),
        ("@", 3),
        ("HEAD~1", 2),
        ("HEAD~~", 1),
        ("HEAD^^1~1", 0),
        ("main", 3),
        ("refs/heads/main", 3),
        ("heads/main", 3),
        ("v1", 1),
        ("tags/v1~1", 0),
        ("light", 2),
        ("origin/dev", 1),
        ("origin", 1),
        ("packed", 2),
        ("feature/x", 0),
        ("{2}", 2),
        ("{2:.7}", 2),
        ("{2:.7}^0", 2),
        ("beef", 1),  # a branch goes before an abbreviated id
    ],
)
def test_names_mean_what_git_says(repo, rev: str, index: int) -> None:
    ids = [repo.commit(str(number), f=str(number)) for number in range(4)]
    for name, at in {"packed": 2, "feature/x": 0, "beef": 1}.items():
        repo.git("branch", name, ids[at])
    repo.git("tag", "-a", "-m", "t", "v1", ids[1])
    repo.git("pack-refs", "--all")
    repo.git("tag", "light", ids[2])
    repo.git("update-ref", "refs/remotes/origin/dev", ids[1])
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/dev")
    rev = rev.format(*ids)
    assert repo.git("rev-parse", f"{rev}^{{commit}}") == ids[index]
    assert repo.open(rev).target.text("f") == str(index)


@pytest.mark.parametrize(
    "rev",
    [
        "", "--output=x", "-x", "a..b", "a...b", "HEAD:f", "HEAD^{tree}", "HEAD@{1}", "main@{u}", ":/m", "../../HEAD",
        "a b", "a\nb", "\x1b[2J", "*", "refs/../HEAD", "HEAD~1~x", "~1", "^HEAD", "HEAD~99999999", "\udcff", "a\0b",
       ".git",         "objects/info", "config", "x.lock", "HEAD^!", "HEAD^@", "HEAD^-",
    ],
)  # fmt: skip
def test_what_is_no_revision(repo, rev: str) -> None:
    repo.commit(f="")
    assert "revision" in refused(repo, rev)
    assert "revision" in refused(repo, None, rev)
    assert not (repo.root / "x").exists()


@pytest.mark.parametrize("rev", ["nowhere", "deadbeef", "0" * 40, "1" * 40, "1" * 64, "HEAD~5", "HEAD^2", "ab"])
def test_unknown_revisions_are_named(repo, rev: str) -> None:
    repo.commit(f="")
    assert rev in refused(repo, rev)
    assert rev in refused(repo, "HEAD", rev)


def test_an_ambiguous_id(repo) -> None:
    text = f"tree {repo.tree()}\nauthor A <a> 0 +0000\ncommitter A <a> 0 +0000\n\n"
    seen: dict[str, bytes] = {}
    for number in range(5000):
        data = f"{text}{number}\n".encode()
        short = object_id("commit", data)[:4]
        if short in seen:
            break
        seen[short] = data
    for one in (seen[short], data):
        repo.git("hash-object", "-w", "-t", "commit", "--stdin", data=one)
    assert short in refused(repo, short)
    assert repo.open(object_id("commit", data)[:10]).target.paths == ()


CANARY = "touch {canary}; cat"


def hostile_settings(repo, canary: Path) -> None:
    """Everything that makes git run a program, all at once."""
    command = CANARY.format(canary=canary)
    hook = repo.root / "hooks" / "run"
    settings = {
        "core.fsmonitor": command,
        "core.hooksPath": str(hook.parent),
        "core.sshCommand": command,
        "core.pager": command,
        "core.editor": command,
        "core.gitProxy": command,
        "core.attributesFile": str(repo.root / "attributes"),
        "core.worktree": "/",
        "pager.cat-file": command,
        "alias.cat-file": f"!{command}",
        "alias.merge-base": f"!{command}",
        "diff.external": command,
        "diff.evil.textconv": command,
        "diff.evil.command": command,
        "filter.evil.smudge": command,
        "filter.evil.clean": command,
        "filter.evil.process": command,
        "gpg.program": command,
        "log.showSignature": "true",
        "credential.helper": f"!{command}",
        "remote.origin.url": f"ext::sh -c '{command}'",
        "remote.origin.uploadpack": command,
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "extensions.partialClone": "origin",
        "protocol.ext.allow": "always",
        "uploadpack.packObjectsHook": command,
        "trace2.normalTarget": str(canary),
    }
    for name in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        place = repo.write(f".git/hooks/{name}", f"#!/bin/sh\n{command}\n")
        place.chmod(0o755)
        shutil.copy(place, repo.write(f"hooks/{name}", ""))
    with (repo.root / ".git" / "config").open("a") as config:
        for name, value in settings.items():
            section, _, key = name.rpartition(".")
            first, _, rest = section.partition(".")
            config.write(f'[{first}{f" {chr(34)}{rest}{chr(34)}" if rest else ""}]\n\t{key} = "{value}"\n')
        config.write("[include]\n\tpath = fifo\n")
    os.mkfifo(repo.root / ".git" / "fifo")


def test_nothing_of_the_repository_is_obeyed(repo, tmp_path: Path, unchanged) -> None:
    canary = tmp_path / "canary"
    attributes = "* -diff diff=evil filter=evil text eol=crlf export-ignore ident\n"
    base = repo.commit(f="one $Id$\n", g="same", **{".gitattributes": attributes})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(f="other\n")
    repo.git("checkout", "-q", "main")
    head = repo.commit(f="two $Id$\n")
    lost = repo.git("rev-parse", f"{head}:g")
    repo.lose(lost)
    hostile_settings(repo, canary)
    repo.write(".git/info/attributes", attributes)
    repo.write(".git/info/grafts", f"{head}\n")
    unchanged()
    opened = repo.open(head, base)
    assert opened.target.text("f") == "two $Id$\n"
    assert opened.target.change.modified == ("f",)
    assert [(hunk.base, hunk.head) for hunk in opened.target.change.hunks("f")] == [(range(1, 2), range(1, 2))]
    assert repo.open("side", "main").target.change.modified == ("f",)
    with pytest.raises(UnreadableError, match="missing from the clone, fetch it first"):
        opened.target.data("g")
    assert repo.open(None, base).target.change.modified == ("f",)
    assert not canary.exists()


def test_the_environment_is_not_inherited(repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = repo.commit(f="x")
    canary = tmp_path / "canary"
    for name, value in {
        "GIT_DIR": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere",
        "GIT_OBJECT_DIRECTORY": "/nowhere",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nowhere",
        "GIT_TRACE": str(canary),
        "GIT_EXEC_PATH": "/nowhere",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": f"touch {canary}",
        "LD_PRELOAD": "",
        "HOME": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    assert repo.open(head).target.text("f") == "x"
    assert not canary.exists()


def test_a_git_inside_the_target_is_not_run(repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = repo.commit(f="x")
    canary = tmp_path / "canary"
    fake = repo.write("bin/git", f"#!/bin/sh\ntouch {canary}\n")
    fake.chmod(0o755)
    (tmp_path / "linked").symlink_to(fake.parent)
    hostile = f"{fake.parent}:{tmp_path / 'linked'}:bin:.::"
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("PATH", f"{hostile}:{os.environ['PATH']}")
    assert repo.open(head).target.text("f") == "x"
    monkeypatch.setenv("PATH", hostile)
    assert "git was not found in PATH" in refused(repo, head)
    assert not canary.exists()


def test_a_temporary_directory_inside_the_target(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    head = repo.commit(f="x")
    monkeypatch.setattr(git_module.tempfile, "gettempdir", lambda: str(repo.root))
    assert "lies inside the target" in refused(repo, head)


def test_replace_refs_and_attributes_hide_nothing(repo) -> None:
    base = repo.commit(f="one\n", **{".gitattributes": "* -diff\n"})
    head = repo.commit(f="two\n")
    repo.git("replace", repo.git("rev-parse", f"{head}:f"), repo.git("rev-parse", f"{base}:f"))
    repo.git("replace", head, base)
    change = repo.open(head, base).target.change
    assert change.modified == ("f",)
    assert len(change.hunks("f")) == 1


def test_bare_repositories(repo, tmp_path: Path) -> None:
    repo.commit(f="x")
    bare = tmp_path / "bare.git"
    repo.git("clone", "-q", "--bare", ".", str(bare))
    for name in ("config", "description", "hooks", "info", "branches"):
        if (bare / name).is_dir():
            shutil.rmtree(bare / name)
        else:
            (bare / name).unlink(missing_ok=True)
    assert open_target(str(bare), "main", None, tmp_path).target.text("f") == "x"
    with pytest.raises(TargetError, match="bare repository: say which revision with --mens-rev"):
        open_target(str(bare), None, None, tmp_path)
    with pytest.raises(TargetError, match="bare repository: say which revision with --mens-rev"):
        open_target(str(bare), None, "main", tmp_path)


def test_linked_worktrees_and_submodules(repo, tmp_path: Path) -> None:
    first = repo.commit(f="1")
    repo.commit(f="2")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"), first)
    linked = open_target(str(tmp_path / "linked"), "HEAD", "main", tmp_path)
    assert linked.target.text("f") == "1"
    assert open_target(str(tmp_path / "linked"), None, "main", tmp_path).target.change.paths == ()
    outer = type(repo)(tmp_path / "outer").init()
    outer.git("submodule", "add", "-q", str(repo.root), "sub")
    outer.commit()
    assert open_target(str(tmp_path / "outer" / "sub"), "HEAD~1", None, tmp_path).target.text("f") == "1"
    assert outer.open("HEAD").target.paths == (".gitmodules",)
    assert outer.open(None, "HEAD").target.change.paths == ()


@pytest.mark.parametrize(
    "content", ["gitdir: {other}\n", "gitdir: {other}/worktrees/w\n", "gitdir: /\n", "gitdir: ../x\n"]
)
def test_a_git_file_that_leads_elsewhere(repo, tmp_path: Path, content: str) -> None:
    repo.commit(secret="x")
    other = repo.root / ".git"
    for name, text in {
        "gitdir": f"{tmp_path}/elsewhere/.git",
        "commondir": "../..",
        "HEAD": "ref: refs/heads/main",
    }.items():
        repo.write(f".git/worktrees/w/{name}", text + "\n")
    target = tmp_path / "target"
    target.mkdir()
    (target / "f").write_text("")
    (target / ".git").write_text(content.format(other=other))
    for rev, base in (("HEAD", None), (None, "HEAD")):
        with pytest.raises(TargetError, match="gitdir"):
            open_target(str(target), rev, base, tmp_path)
    assert open_target(str(target), None, None, tmp_path).target.paths == ("f",)


def test_a_worktree_of_its_own_making_cannot_borrow_objects(repo, tmp_path: Path) -> None:
    repo.commit(secret="x")
    target = tmp_path / "target"
    inner = target / "inner"
    inner.mkdir(parents=True)
    (target / ".git").write_text("gitdir: inner\n")
    (inner / "gitdir").write_text("../.git\n")
    (inner / "commondir").write_text(f"{repo.root}/.git\n")
    (inner / "HEAD").write_text("ref: refs/heads/main\n")
    with pytest.raises(TargetError, match="gitdir"):
        open_target(str(target), "main", None, tmp_path)


def spoil_alternates(repo) -> None:
    repo.write(".git/objects/info/alternates", "/nowhere\n")


def spoil_fifo(repo) -> None:
    os.mkfifo(repo.root / ".git" / "objects" / "pack" / "pack-1.idx")


def spoil_link(repo) -> None:
    (repo.root / ".git" / "objects" / "ab").symlink_to("/tmp")


def spoil_store(repo) -> None:
    (repo.root / ".git" / "objects").rename(repo.root / "elsewhere")
    (repo.root / ".git" / "objects").symlink_to(repo.root / "elsewhere")


def spoil_shallow(repo) -> None:
    repo.write(".git/shallow", "../../x\n")


def spoil_git(repo) -> None:
    shutil.rmtree(repo.root / ".git")
    (repo.root / ".git").mkdir()


def spoil_head(repo) -> None:
    (repo.root / ".git" / "HEAD").unlink()
    os.mkfifo(repo.root / ".git" / "HEAD")


def spoil_unborn(repo) -> None:
    repo.write(".git/HEAD", "ref: refs/heads/unborn\n")


def spoil_circle(repo) -> None:
    repo.write(".git/HEAD", "ref: refs/heads/a\n")
    repo.write(".git/refs/heads/a", "ref: refs/heads/a\n")


def spoil_escape(repo) -> None:
    repo.write(".git/HEAD", "ref: ../../secret\n")
    repo.write("../secret", "1" * 40)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_alternates, "alternates"),
        (spoil_fifo, "not a regular file"),
        (spoil_link, "not a regular file"),
        (spoil_store, "not a directory"),
        (spoil_shallow, "malformed"),
        (spoil_git, "revision"),
        (spoil_head, "revision 'HEAD'"),
        (spoil_unborn, "revision 'HEAD'"),
        (spoil_circle, "revision 'HEAD'"),
        (spoil_escape, "revision 'HEAD'"),
    ],
)
def test_repositories_that_are_refused(repo, spoil, words: str) -> None:
    repo.commit(f="x")
    spoil(repo)
    assert words in refused(repo, "HEAD")
    assert words in refused(repo, None, "HEAD")
    assert repo.open().target.text("f") == "x"  # without a revision git is not needed


NAMES = [b"", b".", b"..", b".git", b".GiT", b"a/b", b"/"]


@pytest.mark.parametrize("name", NAMES)
def test_malformed_trees(repo, name: bytes) -> None:
    blob = repo.blob("x")
    tree = repo.tree(("100644", name, blob))
    assert "malformed tree" in refused(repo, repo.commit_tree(tree))
    assert "malformed tree" in refused(repo, repo.commit_tree(repo.tree(("40000", b"d", tree))))


@pytest.mark.parametrize(
    "entries",
    [
        [("100644", b"a"), ("100644", b"a")],
        [("100644", b"a"), ("100755", b"a")],
        [("10064x", b"a")],
        [("0", b"a")],
        [("777777777777", b"a")],
        [("40000", b"a")],  # a file where a tree must be
    ],
)
def test_more_malformed_trees(repo, entries: list[tuple[str, bytes]]) -> None:
    blob = repo.blob("x")
    tree = repo.tree(*((mode, name, blob) for mode, name in entries))
    assert "malformed tree" in refused(repo, repo.commit_tree(tree))


def test_a_tree_that_is_cut_off(repo) -> None:
    tree = repo.git("hash-object", "-w", "-t", "tree", "--stdin", "--literally", data=b"100644 a\0short")
    assert "malformed tree" in refused(repo, repo.commit_tree(tree))


def test_a_tree_where_a_file_must_be(repo) -> None:
    tree = repo.tree(("100644", b"f", repo.tree()), ("100644", b"g", repo.blob("x")))
    assert "not a regular file" in unreadable(repo, "f", repo.commit_tree(tree))


def test_odd_but_sound_names(repo) -> None:
    names = [b"\xff", b"new\nline", b"\x1b[2J", b" ", b"-n", b"a\\b", "\u202e".encode(), b".gitx", b"A", b"a"]
    blob = repo.blob("x")
    target = repo.open(repo.commit_tree(repo.tree(*(("100644", name, blob) for name in sorted(names))))).target
    assert {path.encode("utf-8", "surrogateescape") for path in target.paths} == set(names)
    assert all(target.text(path) == "x" for path in target.paths)


def test_bombs(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = repo.tree(*(("100644", b"%d" % number, repo.blob("x")) for number in range(3)))
    for _ in range(10):
        tree = repo.tree(*(("40000", b"%02d" % number, tree) for number in range(10)))
    bomb = repo.commit_tree(tree)
    assert "too many" in refused(repo, bomb)
    repo.git("update-ref", "refs/heads/main", bomb)
    repo.write("f", "")
    assert "too many" in refused(repo, None, "HEAD")
    deep = repo.tree()
    for _ in range(60):
        deep = repo.tree(("40000", b"d", deep))
    monkeypatch.setattr(revision_module, "DEPTH_LIMIT", 50)
    assert "too deep" in refused(repo, repo.commit_tree(deep))
    monkeypatch.setattr(revision_module, "_TREE_LIMIT", 10)
    assert "too many" in refused(repo, bomb)


def test_a_blob_that_is_too_large_is_never_read(repo) -> None:
    repo.commit(g="x")
    big = repo.git("hash-object", "-w", "--stdin", data=b"\0" * (40 << 20))
    rev = repo.commit_tree(repo.tree(("100644", b"f", big), ("100644", b"g", repo.blob("x"))))
    assert unreadable(repo, "f", rev) == "larger than 2097152 bytes"


def test_objects_that_lie(repo) -> None:
    head = repo.commit(f="true", g="x")
    repo.loose(repo.git("rev-parse", "HEAD:f"), "blob", b"lie!")
    assert "hash" in unreadable(repo, "f")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    repo.loose(tree, "tree", b"")
    assert "hash" in refused(repo)
    commit = repo.git("cat-file", "commit", head)
    repo.loose(head, "commit", f"{commit} lie\n".encode())
    assert "no such commit" in refused(repo)


@pytest.mark.parametrize("content", [b"", b"garbage", b"x\x9c\x03\x00"])
def test_objects_that_are_damaged(repo, content: bytes) -> None:
    repo.commit(f="true", g="x")
    place = repo.loose(repo.git("rev-parse", "HEAD:f"), "blob", b"")
    place.chmod(place.stat().st_mode | stat.S_IWUSR)
    place.write_bytes(content)
    assert unreadable(repo, "f")


def test_missing_objects(repo) -> None:
    repo.commit(f="x", g="y", **{"d/h": "z"})
    repo.lose(repo.git("rev-parse", "HEAD:f"))
    reason = unreadable(repo, "f")
    assert "missing" in reason
    assert "fetch-depth" in reason
    repo.lose(repo.git("rev-parse", "HEAD:d"))
    assert "missing" in refused(repo)


def test_a_commit_that_is_none(repo) -> None:
    repo.commit(f="x")
    assert "no such commit" in refused(repo, repo.git("rev-parse", "HEAD:f"))


def test_merge_bases(repo) -> None:
    fork = repo.commit(f="1")
    repo.git("checkout", "-q", "-b", "topic")
    topic = repo.commit(g="new")
    repo.git("checkout", "-q", "main")
    repo.commit(f="2")
    opened = repo.open("topic", "main")
    assert opened.target.change.paths == ("g",)
    tip = repo.git("rev-parse", "main")[:12]
    assert opened.description.endswith(
        f"at topic ({topic[:12]}), compared with {fork[:12]}, the merge base with main ({tip})"
    )
    unrelated = repo.commit_tree(repo.tree())
    assert "unrelated" in refused(repo, "main", unrelated)


def test_shallow_clones_name_what_to_do(repo, tmp_path: Path) -> None:
    ids = [repo.commit(str(number), f=str(number)) for number in range(3)]
    repo.git("checkout", "-q", "-b", "topic", ids[1])
    repo.commit(g="")
    clone = type(repo)(tmp_path / "clone")
    clone.root.mkdir()
    clone.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{repo.root}", ".")
    assert clone.open("HEAD").target.paths
    for rev, base in (
        ("HEAD", "HEAD~1"),
        ("HEAD", ids[0]),
        ("HEAD~1", None),
        ("HEAD", "origin/main"),
        (None, "origin/main"),
    ):
        message = refused(clone, rev, base)
        assert "shallow" in message
        assert "fetch-depth" in message


def test_partial_clones_are_not_completed(repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    first = repo.commit(f="1", g="same")
    repo.commit(f="2")
    clone = type(repo)(tmp_path / "clone")
    clone.root.mkdir()
    clone.git("clone", "-q", "--filter=blob:none", f"file://{repo.root}", ".")
    opened = clone.open("HEAD", first)
    assert opened.target.text("f") == "2"
    assert opened.target.change.modified == ("f",)
    assert opened.target.base is not None
    assert opened.target.base.text("g") == "same"
    with pytest.raises(UnreadableError, match="missing from the clone"):
        opened.target.change.hunks("f")


def test_sha256(tmp_path: Path, repo) -> None:
    repo = type(repo)(tmp_path / "sha256").init("--object-format=sha256")
    base = repo.commit(f="1", g="x", **{".gitignore": "gen/\n", "gen/f": ""})
    head = repo.commit(f="2")
    assert len(head) == 64
    for rev in (head, "HEAD", head[:9]):
        assert repo.open(rev, base).target.change.modified == ("f",)
    repo.write("g", "dirty")
    assert repo.open(None, base).target.change.modified == ("f", "g")
    assert "gen/f" in repo.open().target.paths
    (repo.root / ".git" / "config").unlink()
    assert repo.open(head, base).target.change.modified == ("f",)


def test_reftables_with_full_ids(tmp_path: Path, repo) -> None:
    if GIT_VERSION < (2, 45):
        head = repo.commit(f="1")
        repo.write(".git/reftable/tables.list", "")
        repo.write(".git/HEAD", "ref: refs/heads/.invalid\n")
    else:
        repo = type(repo)(tmp_path / "reftable").init("--ref-format=reftable")
        head = repo.commit(f="1")
    assert repo.open(head).target.text("f") == "1"
    assert "reftable" in refused(repo, "HEAD")
    assert "reftable" in refused(repo, None, head)


def test_git_that_takes_too_long(repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head, other = repo.commit(f="1"), repo.commit(f="2")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nsleep 60 & wait\n")
    program.chmod(0o755)
    monkeypatch.setattr(git_module, "GIT_SECONDS", 0.2)
    monkeypatch.setenv("PATH", str(program.parent))
    assert "git took longer than 0.2 seconds" in refused(repo, head)
    repository = git_module.Git.__new__(git_module.Git)
    repository._command, repository._folder, repository._environment = (
        [str(program)],
        str(tmp_path),
        {"PATH": "/usr/bin:/bin"},
    )
    with pytest.raises(git_module.GitError, match=r"git took longer than 0.2 seconds to find the merge base"):
        repository.merge_base(head, other)


@pytest.mark.parametrize(
    "answer", ["what?", "x" * 9000, f"{'a' * 40} blob 5", f"{'a' * 40} blob -5", "", "fatal: x >&2"]
)
def test_answers_of_git_are_not_trusted(repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    head = repo.commit(f="1")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf '%s' '{answer}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    assert "\x1b" not in refused(repo, head)


def test_the_directory_for_git_is_private_and_goes_away(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = git_module.tempfile.mkdtemp

    def mkdtemp(**options: str) -> str:
        made.append(real(**options))
        return made[0]

    monkeypatch.setattr(git_module.tempfile, "mkdtemp", mkdtemp)
    opened = repo.open(repo.commit(f="1"))
    assert opened.target.text("f") == "1"
    assert stat.S_IMODE(Path(made[0]).stat().st_mode) == 0o700
    del opened
    assert not Path(made[0]).exists()
