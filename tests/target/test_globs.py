"""Globs are narrowed before they are matched; that changes nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_mens.target import globs

NAMES = ["a", "ab", "src", "lib.rs", "x.rs", "src.rs", "b c", "[a]"]
PARTS = [*NAMES, "*", "**", "*.rs", "?", "s?c", "[ab]", "a*"]
PATHS = st.sets(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)).map(sorted)
PATTERNS = st.tuples(
    st.sampled_from(["", "/"]), st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("/".join)
).map("".join)


@given(st.lists(PATTERNS, min_size=1, max_size=2), PATHS)
def test_select_is_the_matcher_on_every_path(patterns: list[str], paths: list[str]) -> None:
    matches = globs.matcher(patterns)
    assert globs.select(patterns, paths) == tuple(path for path in paths if matches(path))


def test_what_a_pattern_means() -> None:
    paths = sorted(["lib.rs", "src/lib.rs", "src/a/x.rs", "docs/src/x.md", "x.rs/y"])
    assert globs.select(["*.rs"], paths) == ("lib.rs", "src/a/x.rs", "src/lib.rs", "x.rs/y")
    assert globs.select(["src/**/*.rs"], paths) == ("src/a/x.rs", "src/lib.rs")
    assert globs.select(["/lib.rs", "src"], paths) == ("docs/src/x.md", "lib.rs", "src/a/x.rs", "src/lib.rs")
