"""What differs between a target and its base, and which findings are new."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mens.model import BaseRequiredError, Finding, UnreadableError
from pytest_mens.target import Target, change
from pytest_mens.target.change import Change, Hunk, hunks, new_findings
from pytest_mens.target.tree import MemoryTree, WorkingTree


def pair(base: dict[str, str], head: dict[str, str]) -> Target:
    return Target(MemoryTree(head), Target(MemoryTree(base)))


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_without_a_base_there_is_no_change() -> None:
    with pytest.raises(BaseRequiredError):
        _ = Target(MemoryTree({})).change


def test_paths_that_differ() -> None:
    found = pair({"a": "1", "b": "1", "c": "1"}, {"b": "1", "c": "2", "d": "3"}).change
    assert (found.added, found.removed, found.modified) == (("d",), ("a",), ("c",))
    assert found.paths == ("a", "c", "d")
    assert found.unchanged("b")
    assert not any(found.unchanged(path) for path in ("a", "c", "d", "nowhere"))


BODY = text(*(f"line {number}" for number in range(20)))


@pytest.mark.parametrize(
    ("base", "head", "renames"),
    [
        ({"a.rs": BODY}, {"b.rs": BODY}, {"b.rs": "a.rs"}),
        ({"x/a.rs": BODY, "y/b.rs": BODY}, {"z/b.rs": BODY, "z/a.rs": BODY}, {"z/a.rs": "x/a.rs", "z/b.rs": "y/b.rs"}),
        ({"a.rs": BODY}, {"b.rs": BODY + "more\n"}, {"b.rs": "a.rs"}),
        ({"a.rs": BODY}, {"b.md": BODY + "more\n"}, {}),  # another kind of file, and not the same content
        ({"a.rs": BODY}, {"b.rs": BODY[: len(BODY) // 3]}, {}),
        ({"a.rs": BODY}, {"b.rs": BODY + "x\n", "c.rs": BODY}, {"c.rs": "a.rs"}),
        ({"a.rs": BODY}, {"b.rs": BODY + "y\n" * 9, "c.rs": BODY + "x\n"}, {"c.rs": "a.rs"}),
        ({"a.rs": BODY}, {"a.rs": BODY, "b.rs": BODY}, {}),  # a copy
        ({"a.rs": ""}, {"b.rs": ""}, {}),
    ],
)
def test_renames(base: dict[str, str], head: dict[str, str], renames: dict[str, str]) -> None:
    found = pair(base, head).change
    assert found.renames == renames
    assert {path: found.base_path(path) for path in renames} == renames


def test_many_pairs_are_compared_by_file_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "_PAIRS_LIMIT", 3)
    base = {f"old/{name}.rs": BODY + name for name in "abc"}
    head = {f"new/{name}.rs": BODY + name + "!" for name in "abc"}
    assert pair(base, head).change.renames == {f"new/{name}.rs": f"old/{name}.rs" for name in "abc"}


def test_lines_that_differ() -> None:
    found = pair({"f": text("a", "b", "c", "d")}, {"f": text("a", "x", "y", "c")}).change
    assert found.hunks("f") == (Hunk(range(2, 3), range(2, 4)), Hunk(range(4, 5), range(5, 5)))
    assert [found.touches("f", range(line, line + 1)) for line in (1, 2, 3, 4)] == [False, True, True, False]
    assert found.touches("f", range(4, 6))
    assert pair({}, {"f": text("a", "b")}).change.hunks("f") == (Hunk(range(1, 1), range(1, 3)),)
    assert pair({"a.rs": BODY}, {"b.rs": BODY + "z\n"}).change.hunks("b.rs") == (Hunk(range(21, 21), range(21, 22)),)


def apply(before: str, after: str, found: tuple[Hunk, ...]) -> str:
    """Rebuild `after` from `before` and what the hunks take out of `after`."""
    old, new = change._lines(before), change._lines(after)
    parts: list[str] = []
    at = 1
    for hunk in found:
        assert hunk.base.start >= at
        parts += old[at - 1 : hunk.base.start - 1]
        assert len(parts) == hunk.head.start - 1
        parts += new[hunk.head.start - 1 : hunk.head.stop - 1]
        at = hunk.base.stop
    return "".join([*parts, *old[at - 1 :]])


TEXTS = st.lists(st.sampled_from(["a", "b", "", "\u2028", "c\x0b"]), max_size=12).map("\n".join) | st.text(
    alphabet="ab\n", max_size=30
)


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_hunks_rebuild_the_head(before: str, after: str) -> None:
    found = hunks(before, after)
    assert apply(before, after, found) == after
    assert bool(found) is (before != after)


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=20), st.data())
@settings(max_examples=100, deadline=None)
def test_an_edit_of_distinct_lines_is_found_exactly(numbers: list[int], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(numbers)))
    stop = data.draw(st.integers(start, len(numbers)))
    new = [f"new {number}" for number in range(data.draw(st.integers(0, 3)))]
    old = [str(number) for number in numbers]
    expected = (
        (Hunk(range(start + 1, stop + 1), range(start + 1, start + 1 + len(new))),) if new or stop > start else ()
    )
    assert hunks(text(*old), text(*old[:start], *new, *old[stop:])) == expected


@pytest.mark.parametrize("diverging", [True, False])
def test_texts_too_large_to_compare_are_one_hunk(*, diverging: bool) -> None:
    size = 3000
    before = ["head", *(f"{number % 2}" for number in range(size)), "tail"]
    after = ["head", *(f"{number % 3 if diverging else number % 2}" for number in range(size)), "tail"]
    whole = (Hunk(range(4, size + 2), range(4, size + 2)),)
    assert hunks(text(*before), text(*after)) == (whole if diverging else ())


def test_unchanged_content_is_read_and_parsed_once() -> None:
    target = pair({"same": "1", "other": "1", "old": "1"}, {"same": "1", "other": "2"})
    base = target.require_base()
    seen: list[tuple[Target, str]] = []

    def parse(of: Target, path: str) -> int:
        seen.append((of, path))
        return len(of.text(path))

    for one in (base, target, base):
        for path in ("same", "other"):
            one.file_view(parse, path)
    assert seen == [(target, "same"), (base, "other"), (target, "other")]
    assert base.data("same") is target.data("same")
    assert base.text("old") == "1"
    assert base.containing([b"1"], ["same", "other", "old"]) == ["same", "other", "old"]
    assert target.containing([b"1"], ["same", "other"]) == ["same"]


def test_a_working_tree_against_a_commit(repo) -> None:
    repo.commit(
        same="1\n2\n", crlf="1\n2\n", edited="1\n", gone="1\n", **{"old.rs": BODY, ".gitignore": "gen/\n", "gen/f": ""}
    )
    repo.write("crlf", "1\r\n2\r\n")
    repo.write("edited", "2\n")
    repo.write("untracked", "")
    repo.write("gen/g", "")
    (repo.root / "gone").unlink()
    (repo.root / "old.rs").rename(repo.root / "new.rs")
    (repo.root / "link").symlink_to("same")
    found = repo.open(None, "HEAD").target.change
    assert found.added == ("link", "new.rs", "untracked")
    assert found.removed == ("gone", "old.rs")
    assert found.modified == ("edited",)
    assert found.renames == {"new.rs": "old.rs"}
    repo.git("add", "-A")
    assert repo.open("HEAD", "HEAD").target.change.paths == ()
    repo.commit(edited="3\n")
    assert repo.open("HEAD", "HEAD~1").target.change.renames == {"new.rs": "old.rs"}
    assert repo.open(None, "HEAD").target.change.paths == ()
    (repo.root / "link").unlink()
    (repo.root / "link").symlink_to("crlf")
    repo.write("same", "x")
    (repo.root / "edited").unlink()
    (repo.root / "edited").symlink_to("same")
    assert repo.open(None, "HEAD").target.change.modified == ("edited", "link", "same")


def test_what_cannot_be_read_counts_as_changed(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("1")
    target = Target(WorkingTree(tmp_path, "t"), Target(MemoryTree({"f": "1", "g": "1"})))
    assert target.paths == ("f",)
    (tmp_path / "f").unlink()
    assert target.change.modified == ("f",)
    with pytest.raises(UnreadableError, match="vanished"):
        target.change.hunks("f")


def finding(path: str, line: int, message: str = "m") -> Finding:
    return Finding(path, message, line)


A = text("fn a() {", "    bad();", "    good();", "    bad();", "}")

SUBTRACTIONS = [
    # base files, head files, base findings, head findings, the new ones
    ("shifted lines", {"f": A}, {"f": "// x\n\n" + A}, [("f", 2)], [("f", 4)], []),
    ("formatting", {"f": A}, {"f": A.replace("    ", "\t")}, [("f", 2)], [("f", 2)], []),
    ("a second one on an equal line", {"f": A}, {"f": A}, [("f", 2)], [("f", 2), ("f", 4)], [("f", 4)]),
    ("an effect at a distance", {"f": A, "g": "x\n"}, {"f": A, "g": "y\n"}, [], [("f", 2)], [("f", 2)]),
    ("another text on the line", {"f": A}, {"f": A.replace("bad()", "worse()")}, [("f", 2)], [("f", 2)], [("f", 2)]),
    ("a rename", {"a.rs": A}, {"b.rs": A + "//\n"}, [("a.rs", 2), ("a.rs", 4)], [("b.rs", 2), ("b.rs", 4)], []),
    ("a copy", {"a": A}, {"a": A, "b": A}, [("a", 2)], [("a", 2), ("b", 2)], [("b", 2)]),
    (
        "a split",
        {"a": A},
        {"d/b": "    bad();\n", "d/c": "bad();\n"},
        [("a", 2), ("a", 4)],
        [("d/b", 1), ("d/c", 1)],
        [],
    ),
    ("no line", {"f": A}, {"f": A}, [(".", 1)], [(".", 1)], []),
    ("a mended one", {"f": A}, {"f": A}, [("f", 2), ("f", 4)], [("f", 4)], []),
]


@pytest.mark.parametrize(("base", "head", "had", "has", "new"), [case[1:] for case in SUBTRACTIONS],
                         ids=[case[0] for case in SUBTRACTIONS])  # fmt: skip
def test_findings_that_are_new(base, head, had, has, new) -> None:
    found, old = new_findings([finding(*one) for one in has], [finding(*one) for one in had], pair(base, head).change)
    assert [(one.path, one.line) for one in found] == new
    assert len(found) + len(old) == len(has)


def test_of_two_findings_on_equal_lines_the_one_with_another_message_is_new() -> None:
    comparison: Change = pair({"f": A}, {"f": A}).change
    head = [finding("f", 2, "fresh"), finding("f", 4, "known")]
    assert new_findings(head, [finding("f", 2, "known")], comparison) == ([head[0]], [head[1]])


def test_what_could_not_be_read_is_never_old() -> None:
    unread = finding("f", 1, "UNREADABLE f: NUL byte")
    assert new_findings([unread], [unread], pair({"f": A}, {"f": A}).change) == ([unread], [])
