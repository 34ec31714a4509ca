"""Cargo command lines, as Cargo, libtest, nextest and llvm-cov read them."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mens.views import cargo_args, shell
from pytest_mens.views.cargo_args import Invocation, Targets


def parse(line: str) -> Invocation:
    found = cargo_args.parse(shlex.split(line))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cargo test a", {"runner": "libtest", "filters": ("a",)}),
        ("cargo t", {"subcommand": "test"}),
        ("cargo +nightly --locked test", {"subcommand": "test"}),
        ("rustup run stable cargo test x", {"filters": ("x",)}),
        ("cargo test -p a --package=b -pc -p=d", {"packages": ("a", "b", "c", "d")}),
        ("cargo test -F a,b --features 'c d' -Fe", {"features": ("a", "b", "c", "d", "e")}),
        ("cargo test --target x --target-dir y -j 4 --profile z -Z q w", {"filters": ("w",)}),
        ("cargo test --test x --bin=b", {"targets": Targets(named=(("test", "x"), ("bin", "b")))}),
        ("cargo test -qv -r x", {"filters": ("x",), "release": True}),
        ("cargo test a -- b --skip c --skip=d --exact", {"filters": ("a", "b"), "skip": ("c", "d"), "exact": True}),
        ("cargo test -- --test-threads 1 --color never -Z unstable-options", {"filters": ()}),
        ("cargo test -- --ignored", {"ignored": "only"}),
        ("cargo test -- --include-ignored", {"ignored": "all"}),
        ("cargo nextest run a b -E 'test(x)'", {"filters": ("a", "b"), "expressions": ("test(x)",)}),
        ("cargo nextest run --run-ignored ignored-only", {"ignored": "only"}),
        ("cargo nextest run --run-ignored=all", {"ignored": "all"}),
        ("cargo nextest run --tool-config-file a:b --output-path c x", {"filters": ("x",)}),
        ("cargo llvm-cov nextest run --workspace", {"runner": "nextest", "filters": ("run",), "workspace": True}),
        ("cargo llvm-cov test --lcov --output-path o x", {"runner": "libtest", "filters": ("x",)}),
        ("cargo llvm-cov --workspace --html", {"runner": "libtest", "workspace": True}),
        ("cargo check -p a --features b", {"runner": "", "packages": ("a",), "features": ("b",)}),
        ("cargo run -p a -- test -p b", {"runner": "", "packages": ("a",)}),
    ],
)  # fmt: skip
def test_reading(line: str, expected: dict[str, Any]) -> None:
    found = parse(line)
    assert {name: getattr(found, name) for name in expected} == expected
    assert not found.errors
    assert not found.opaque


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cargo test a b", "unexpected argument 'b'"),
        ("cargo test --nocapture", "as `-- --nocapture`"),
        ("cargo test --bogus", "unexpected argument '--bogus'"),
        ("cargo test --exclude a", "--workspace"),
        ("cargo test --doc --lib", "can't mix --doc"),
        ("cargo test -- --bogus", "does not know the option"),
        ("cargo test -- --ignored --include-ignored", "mutually exclusive"),
        ("cargo test --features", "a value is required"),
    ],
)
def test_refused(line: str, words: str) -> None:
    assert words in parse(line).errors[0]


@pytest.mark.parametrize(
    "line", ["cargo", "cargo fmt", "cargo nextest list", "cargo llvm-cov report", "echo cargo test"]
)
def test_no_command_of_this_kind(line: str) -> None:
    assert cargo_args.parse(shlex.split(line)) is None


def test_what_only_the_shell_knows() -> None:
    assert cargo_args.parse(["cargo", "test", shell.OPAQUE]).opaque  # type: ignore[union-attr]  # None would fail it
    assert cargo_args.parse(["cargo", "test", "-p", f"a{shell.OPAQUE}"]).opaque  # type: ignore[union-attr]  # None would fail it
    assert not cargo_args.parse(["cargo", "nextest", "run", "--profile", shell.OPAQUE]).opaque  # type: ignore[union-attr]  # None would fail it


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cargo run -p tool -q -- ci gate", ("tool", ("ci", "gate"))),
        ("cargo run --bin x ci gate", ("", ("ci", "gate"))),
        ("./target/debug/tool ci gate", (None, ("./target/debug/tool", "ci", "gate"))),
        ("cargo test -- ci", (None, ("cargo", "test", "--", "ci"))),
    ],
)
def test_program(line: str, expected: tuple[str | None, tuple[str, ...]]) -> None:
    assert cargo_args.program(shlex.split(line)) == expected


WORDS = [
    "-p",
    "a",
    "--lib",
    "--test",
    "x",
    "--",
    "--skip",
    "-F",
    "--exact",
    "-q",
    "--features=b",
    "-E",
    "test(a)",
    "--bogus",
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([["test"], ["nextest", "run"], ["llvm-cov"], ["check"]]), st.lists(st.sampled_from(WORDS)))
def test_any_order_of_words_is_read(head: list[str], words: list[str]) -> None:
    found = cargo_args.parse(["cargo", *head, *words])
    if found is not None:
        assert set(found.packages) <= set(words) | {"b"}
