"""The grammar of `std::fmt`, held against rustc itself where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_mens.views import fmt

if TYPE_CHECKING:
    from pathlib import Path

needs_rustc = pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc, the oracle, is not installed")

BOUND = ("x", "width", "é", "type")
"""Variables of every generated program; `type` is a raw identifier there."""


def refused(message: str, positional: int, named: tuple[str, ...]) -> list[str]:
    template = fmt.parse(message)
    if template.error is not None:
        return [template.error.message]
    problems = [problem.message for problem in fmt.mismatches(template, positional, named)]
    captures = [use.argument for use in template.names if use.argument not in (*named, *BOUND)]
    return problems + [f"unbound {name}" for name in captures]


def literal(text: str) -> str:
    return '"' + "".join(f"\\u{{{ord(character):x}}}" for character in text) + '"'


def rustc_refuses(folder: Path, samples: list[tuple[str, int, tuple[str, ...]]]) -> list[bool]:
    """Compile one program with a line per sample and give which lines have an error."""
    lines = ["#![allow(warnings)]", "fn main() { let (x, width, é, r#type) = (1usize, 2usize, 3usize, 4usize);"]
    for message, positional, named in samples:
        arguments = [literal(message), *(["x"] * positional), *(f"{name} = x" for name in named)]
        lines.append(f"let _ = format_args!({', '.join(arguments)}).to_string();")
    source = folder / "sample.rs"
    source.write_text("\n".join([*lines, "}"]), "utf-8")
    command = ["rustc", "--edition", "2021", "--error-format=json", "--emit=metadata", "--out-dir", str(folder)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False, timeout=120)
    wrong = set()
    for line in done.stderr.splitlines():
        error = json.loads(line)
        if error.get("level") == "error" and (error.get("code") or {}).get("code") != "E0277":  # a trait of the value
            wrong.update(span["line_start"] for span in error["spans"])
    return [number in wrong for number in range(3, 3 + len(samples))]


SAMPLES = [
    (message, positional, named)
    for named in ((), ("a",))
    for positional in (0, 1, 2)
    for message in [
        *("", "{}", "{{}}", "{", "}", "{{}", "{}}", "{{{x}}}", "{ }", "{ x}", "{x }", "{x\n}", "{x:? }", "{x: ?}"),
        *("{x :?}", "{type}", "{self}", "{_}", "{_a}", "{r#type}", "{0 }", "{0:0$}", "{:00$}", "{:0$}", "{:>}}"),
        *("{:}}>5}", "{:}>5}", "{:{>5}", "{:{{>5}", "{:.}", "{:..5}", "{:.*}", "{:.*.3}", "{:5.}", "{:.x$}"),
        *("{:x$.x$}", "{:x$.x$x?}", "{:x?}", "{:#?x}", "{:?x}", "{:foo}", "{é}", "{:65536}", "{:65535}", "{65536}"),
        *("{0}{}", "{1}{}", "{a}", "{}{a}", "{:1$}", "{:2$}", "{0:.*}", "{x:.*}", "{x.y}", "{x!r}", "{x,}", "{x:,}"),
        *("{:+-#05}", "{:-}", "{:^+#010.3e}", "{:ab}", "{nope}", "{x:nope$}", "{x:a$}", "{fn}", "{:p?}", "{x=}"),
        *("{::?}", "{::}", "{:>>>}", "{:*}", "{:0}", "{:000}", "{:+0$}", "{00}", "{0x}", "{:?#}", "{&x}", "{x?}"),
        *("{\t:?}", "{ 0}", "{:^<5}", "{:^^}", "{x:width$}", "{x:width}", "{:1.1$}", "{:99999999999999999999}"),
    ]
]


@needs_rustc
def test_chosen_messages_are_refused_as_rustc_refuses_them(tmp_path: Path) -> None:
    expected = rustc_refuses(tmp_path, SAMPLES)
    found = [bool(refused(*sample)) for sample in SAMPLES]
    assert [sample for sample, ours, theirs in zip(SAMPLES, found, expected, strict=True) if ours != theirs] == []


PIECES = [*"{}:.*$#+-<^>?0123x", "{{", "}}", "{}", "{0}", "{x}", "a", "width", "e", "X?", "x?", " ", "…", "é", "type"]
MESSAGES = st.tuples(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.integers(0, 3), st.sampled_from([(), ("a",), ("x",)])
)


@needs_rustc
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(samples=st.lists(MESSAGES, min_size=150, max_size=150))
def test_any_message_is_refused_as_rustc_refuses_it(
    samples: list[tuple[str, int, tuple[str, ...]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected = rustc_refuses(tmp_path_factory.mktemp("rustc"), samples)
    found = [bool(refused(*sample)) for sample in samples]
    assert [sample for sample, ours, theirs in zip(samples, found, expected, strict=True) if ours != theirs] == []


@given(st.text(alphabet="ab{}:$.*x? 0\n…é"))
def test_every_text_is_parsed_and_every_place_lies_in_it(text: str) -> None:
    template = fmt.parse(text)
    for use in template.uses:
        assert text[use.start] == "{"
        assert text[use.end - 1] == "}"
    if template.error is not None:
        assert 0 <= template.error.start < template.error.end <= len(text)


@given(st.text())
def test_a_text_with_doubled_braces_is_always_fine(text: str) -> None:
    template = fmt.parse(text.replace("{", "{{").replace("}", "}}"))
    assert template == fmt.Template((), None)


@pytest.mark.parametrize(
    ("message", "positional", "named", "problem"),
    [
        ("{} of {}", 1, (), "2 positional placeholders, but 1 argument"),
        ("{3}", 1, (), "no argument 3: there is 1 argument"),
        ("{3}", 2, (), "no argument 3: there are 2 arguments"),
        ("x", 1, (), "argument 0 is never used"),
        ("x", 0, ("a",), "named argument `a` is never used"),
        ("{:q}", 1, (), "unknown format trait `q` in `{:q}`"),
        ("a { b", 0, (), "unmatched `{`"),
        ("a } b", 0, (), "unmatched `}`"),
        ('{ "a":\n 1 }', 0, (), '`{ "a": 1 }` is no placeholder'),
        ("{70000}", 0, (), "`70000` in `{70000}` is larger than 65535"),
    ],
)
def test_problems_are_said_in_words(message: str, positional: int, named: tuple[str, ...], problem: str) -> None:
    assert refused(message, positional, named)[0] == problem
