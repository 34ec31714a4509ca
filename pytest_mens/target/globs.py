"""Path globs, as in a .gitignore, through pathspec."""

from __future__ import annotations

import re
from bisect import bisect_left
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


def select(patterns: Sequence[str], paths: Sequence[str]) -> tuple[str, ...]:
    """Give those of the sorted `paths` that match any of `patterns`, each pattern tried only where it can match."""
    found = [_matching(pattern, paths) for pattern in patterns]
    if len(found) == 1:
        return tuple(found[0])
    union = set().union(*found)
    return tuple(path for path in paths if path in union)


def below(paths: Sequence[str], folder: str) -> Sequence[str]:
    """Give the part of the sorted `paths` that lies in `folder`, which is found by bisection; all of it for `""`."""
    if not folder:
        return paths
    start = bisect_left(paths, f"{folder}/")
    return paths[start : bisect_left(paths, f"{folder}0", start)]  # `0` comes right after `/`


_SUFFIX = re.compile(r"\*(\.\w+)")
_NAME = re.compile(r"[\w.-]+")
_SPELT = re.compile(r"[^*?/]+")
"""What stands in every path that matches, unless there are brackets or escapes."""
_BRACKETS = re.compile(r"[\[\\!#\s]")
_BEGINNING = re.compile(r"[\w/.-]+(?=/.)")


def _matching(pattern: str, paths: Sequence[str]) -> list[str]:
    if suffix := _SUFFIX.fullmatch(pattern):
        last, within = suffix[1], f"{suffix[1]}/"
        return [path for path in paths if path.endswith(last) or within in path]
    if _NAME.fullmatch(pattern):
        return [path for path in paths if pattern in path and f"/{pattern}/" in f"/{path}/"]
    beginning = _BEGINNING.match(pattern)
    if beginning is not None and (first := beginning[0].strip("/")):
        paths = below(paths, first)
    if not _BRACKETS.search(pattern):
        spelt = max(_SPELT.findall(pattern), key=len, default="")
        paths = [path for path in paths if spelt in path]
    return list(filter(_matcher((pattern,)), paths))


@lru_cache(maxsize=512)
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

    regexes = [GitIgnoreBasicPattern.pattern_to_regex(pattern)[0] for pattern in patterns]
    compiled = re.compile("|".join(f"(?:{regex})" for regex in regexes if regex))

    def match(path: str) -> bool:
        return compiled.match(path) is not None

    return match


def reaches(patterns: Sequence[str], place: str, *, link: bool) -> bool:
    """Tell whether a match of `patterns` could lie below the directory `place`.

    Through a symbolic link (`link`) only what is spelt out leads: wildcards match the entries of the repository, and
    what a link points to is none of them.
    """
    return any(_reaches(pattern.split("/"), place.split("/") if place else [], link=link) for pattern in patterns)


def _reaches(parts: list[str], names: list[str], *, link: bool) -> bool:
    """Match the components of a pattern that spells its directories out with those of `place`, one by one."""
    if "" not in parts[:1] and not any(parts[1:]):
        return not link  # no slash but perhaps a last one: matches at any depth
    for part, name in zip((part for part in parts if part), names, strict=False):
        if part == "**":
            return not link
        if any(sign in part for sign in "*?["):
            if link or not _matcher((f"/{part}",))(name):
                return False
        elif part != name:
            return False
    return True
