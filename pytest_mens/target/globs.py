"""Path globs, as in a .gitignore, through pathspec."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Give a predicate on relative POSIX paths that holds when any of `patterns` matches the path.

    Patterns are those of gitignore(5) without negation: `*.rs` matches at any depth, `docs/*.md` is anchored,
    `**` crosses directories, and a pattern that names a directory matches all below it.
    """
    return _matcher(tuple(patterns))


@lru_cache(maxsize=512)
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

    regexes = [GitIgnoreBasicPattern.pattern_to_regex(pattern)[0] for pattern in patterns]
    compiled = re.compile("|".join(f"(?:{regex})" for regex in regexes if regex))

    def match(path: str) -> bool:
        return compiled.match(path) is not None

    return match
