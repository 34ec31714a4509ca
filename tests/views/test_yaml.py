"""YAML as nodes with places, from events alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mens.model import UnreadableError
from pytest_mens.views import yaml


def scalar(text: str) -> yaml.Scalar:
    value = yaml.mapping(yaml.parse("x.yml", text)).get("a")
    assert isinstance(value, yaml.Scalar)
    return value


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("a: one two\n", "one two", {"two": (1, 8)}),
        ("a: 'it''s two'\n", "it's two", {"two": (1, 11)}),
        ('a: "t\\tab \\u0041 two"\n', "t\tab A two", {"two": (1, 18)}),
        ("a: plain\n   over two\n", "plain over two", {"over": (2, 4), "two": (2, 9)}),
        ("a: |\n  one\n\n    two\n", "one\n\n  two\n", {"one": (2, 3), "two": (4, 5)}),
        ("a: >-\n  one\n  two\n\n  end\n", "one two\nend", {"two": (3, 3), "end": (5, 3)}),
        ("a: |2\n   one\n  two\n", " one\ntwo\n", {"one": (2, 4), "two": (3, 3)}),
        ('a: "one \\\n    two"\n', "one two", {"two": (2, 5)}),
        ("é: x\na: é two\n", "é two", {"two": (2, 6)}),
    ],
)
def test_places_of_words(text: str, value: str, words: dict[str, tuple[int, int]]) -> None:
    node = scalar(text)
    assert node.value == value
    assert {word: node.place(value.index(word)) for word in words} == words


def test_aliases_and_merges_are_followed_not_expanded() -> None:
    root = yaml.mapping(
        yaml.parse("x", "base: &b {k: v}\nuse: *b\nmerged:\n  <<: *b\n  l: w\nboth:\n  <<: [*b, {m: x}]\n")
    )
    assert yaml.scalar(yaml.mapping(root.get("use")).get("k")) == "v"
    merged = yaml.mapping(root.get("merged"))
    assert yaml.scalar(merged.get("k")) == "v"
    assert [name.value for name, _ in merged.pairs()] == ["l"]
    assert yaml.scalar(yaml.mapping(root.get("both")).get("m")) == "x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 200_000, "nested too deeply"),
        ("{" * 200_000, "nested too deeply"),
        ("- " * 3000, "nested too deeply"),
        ("a: 1\nb: 2\na: 3\n", "key 'a' is repeated at line 3"),
        ("a: *gone\n", "unknown anchor 'gone' at line 1"),
        ("a: {b\n", "at line 2"),
        ("a: &x [*x]\n", "unknown anchor"),
        ("\t- a", "at line 1"),
        ("[" + "x," * 250_000 + "]", "more than 200000 events"),
    ],
)
def test_what_cannot_be_used_says_why(text: str, words: str) -> None:
    with pytest.raises(UnreadableError, match="not valid YAML") as caught:
        yaml.parse("x.yml", text)
    assert words in caught.value.reason


def test_alias_bombs_cost_nothing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    root = yaml.mapping(yaml.parse("x", "\n".join(lines)))
    assert len(yaml.elements(root.get("a39"))) == 10


def test_only_the_first_document_counts_and_nothing_is_an_empty_mapping() -> None:
    assert yaml.scalar(yaml.mapping(yaml.parse("x", "a: b\n---\na: c\n")).get("a")) == "b"
    assert yaml.parse("x", "# nothing\n") == yaml.Mapping((), 1, 1)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab: -|>'\"[]{}#&*!%\n\té\\", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        root = yaml.parse("x", text)
    except UnreadableError:
        return
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.Scalar):
            offsets = node.offsets()
            assert len(offsets) == len(node.value)
            assert all(node.start <= offset < max(node.end, node.start + 1) for offset in offsets)
        elif isinstance(node, yaml.Sequence):
            stack.extend(node.items)
        elif isinstance(node, yaml.Mapping):
            stack.extend(part for pair in node.items for part in pair)
