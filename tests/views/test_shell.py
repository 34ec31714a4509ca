"""Shell scripts as the commands they run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mens.views import shell
from pytest_mens.views.shell import OPAQUE


def argvs(script: str, **options: bool) -> list[list[str]]:
    return [[word.value for word in command.words] for command in shell.commands(script, **options)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("cargo test -p 'x y' \"a b\" c\\ d", [["cargo", "test", "-p", "x y", "a b", "c d"]]),
        ("cargo test 2>&1", [["cargo", "test"]]),
        ("cargo test > out.txt -p x", [["cargo", "test", "-p", "x"]]),
        ("cargo test 2>&1 foo", [["cargo", "test", "foo"]]),
        ("cargo test &> log", [["cargo", "test"]]),
        ("cargo \\\n  test \\\n  x", [["cargo", "test", "x"]]),
        ("# cargo test\ncargo t # cargo test", [["cargo", "t"]]),
        ("echo cargo test", [["echo", "cargo", "test"]]),
        ("echo 'cargo test -p x'", [["echo", "cargo test -p x"]]),
        ("A=1 B='2 3' cargo test", [["cargo", "test"]]),
        ("env -u X A=1 cargo test", [["cargo", "test"]]),
        ("time timeout -k 5 10m cargo test", [["cargo", "test"]]),
        ("a && b || c; d | e", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("(cd x; a)\nb", [["cd", "x"], ["a"], ["b"]]),
        ("cat <<EOF\ncargo test\nEOF\na", [["cat"], ["a"]]),
        ("x=$(cargo test)", [["cargo", "test"]]),
        ("f() { a; }; g() { b; }; f", [["a"], ["f"]]),
        ("for c in a b; do cargo test -p $c; done", [["cargo", "test", "-p", "a"], ["cargo", "test", "-p", "b"]]),
        ("P='-p a'; cargo $P \"$P\"", [["cargo", "-p", "a", "-p a"]]),
        ('cargo "${X:-test}" $Y $(z)', [["z"], ["cargo", "test", OPAQUE, OPAQUE]]),
        ("cargo test a{b,c}", [["cargo", "test", OPAQUE]]),
        ("exit 0\ncargo test", [["exit", "0"]]),
        ("if x; then exit 0; fi\ncargo test", [["x"], ["exit", "0"], ["cargo", "test"]]),
        ('cargo test "a\\"b" $\'c\'', [["cargo", "test", 'a"b', "c"]]),
        ("case $x in a) b;; esac", [["b"]]),
        ("while a; do b; done", [["a"], ["b"]]),
    ],
)
def test_words(script: str, expected: list[list[str]]) -> None:
    assert argvs(script) == expected


@pytest.mark.parametrize(
    ("script", "enforced"),
    [
        ("cargo", True),
        ("cargo || true", False),
        ("cargo || :", False),
        ("cargo || exit 1", True),
        ("cargo || { echo no; exit 1; }", True),
        ("cargo || echo no", False),
        ("cargo && b", True),
        ("cargo && b\nc", False),
        ("a && cargo", True),
        ("cargo | tee log", False),
        ("set -o pipefail\ncargo | tee log", True),
        ("a | cargo", True),
        ("set +e\ncargo\nb", False),
        ("set +e\ncargo", True),
        ("set +e\nset -e\ncargo\nb", True),
        ("cargo &", False),
        ("! cargo", False),
        ("if cargo; then b; fi", False),
        ("if ! cargo; then exit 1; fi", True),
        ("if a; then cargo; fi", True),
        ("if false; then cargo; fi", False),
        ("(cargo)", True),
        ("{ cargo; } || true", False),
        ("x=$(cargo)", True),
        ("echo $(cargo)", False),
    ],
)
def test_what_fails_the_script(script: str, enforced: bool) -> None:  # noqa: FBT001 - a table's column
    (found,) = [command for command in shell.commands(script) if command.words[0].value == "cargo"]
    assert found.enforcing is enforced


@pytest.mark.parametrize(
    ("script", "folder"),
    [
        ("cargo", ""),
        ("cd a/b && cargo", "a/b"),
        ("cd a\ncd ..\ncargo", ""),
        ("(cd a)\ncargo", ""),
        ("cd $X; cargo", None),
        ("if x; then cd a; fi; cargo", None),
        ("cd /tmp; cargo", None),
    ],
)
def test_where_it_runs(script: str, folder: str | None) -> None:
    assert shell.commands(script)[-1].cwd == folder


def test_places_count_characters() -> None:
    (command,) = shell.commands("é=1 cargo tést x")
    assert [(word.value, word.start) for word in command.words] == [("cargo", 4), ("tést", 10), ("x", 15)]


def test_depth_is_refused() -> None:
    with pytest.raises(ValueError, match="too deeply"):
        shell.commands("{ " * 500 + "a;" + " };" * 500)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab $\"'`\\|&;(){}<>\n=#!-*[]", max_size=40))
def test_any_text_is_walked(script: str) -> None:
    for command in shell.commands(script):
        assert command.words
        assert all(0 <= word.start <= len(script) for word in command.words)
