"""Which directories of a working tree git would not look into: `.gitignore` files, read through pathspec.

Source: gitignore(5). Only directories are asked about: an ignored directory is pruned, but a file that merely has an
ignored name in a directory that is walked stays in the listing, because what lies on disk there is used by builds
and pipelines whether git tracks it or not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.model import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

_FILE_LIMIT = 64 * 1024
_STARS_LIMIT = 3
"""Stars in one component of a pattern: each is a loop for the regular expression that stands for it."""
_EXCLUDE = ".git/info/exclude"


class _Group(NamedTuple):
    """Patterns of one file that follow each other with the same sign."""

    ignores: bool
    matches: re.Pattern[str]


class Ignore:
    """Answers whether a directory is ignored, reading each `.gitignore` when a directory beside it is asked about."""

    def __init__(self, read: Callable[[str, int], bytes]) -> None:
        self._read = read
        self._rules: dict[str, tuple[_Group, ...]] = {}
        self._ignored: dict[str, bool] = {"": False}

    def directory(self, path: str) -> bool:
        """Tell whether `path`, or a directory above it, is ignored; nothing below such a one can be re-included."""
        answer = self._ignored.get(path)
        if answer is None:
            parent = path.rpartition("/")[0]
            answer = self.directory(parent) or self._decide(path, parent)
            self._ignored[path] = answer
        return answer

    def _decide(self, path: str, parent: str) -> bool:
        """Ask the nearest `.gitignore` first, of each file the last pattern first: the first that matches decides."""
        folder = parent
        while True:
            below = path[len(folder) + 1 :] if folder else path
            for group in self._of(f"{folder}/.gitignore" if folder else ".gitignore"):
                if group.matches.match(below + "/"):
                    return group.ignores
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        return any(group.ignores for group in self._of(_EXCLUDE) if group.matches.match(path + "/"))

    def _of(self, path: str) -> tuple[_Group, ...]:
        rules = self._rules.get(path)
        if rules is None:
            try:
                rules = _parse(self._read(path, _FILE_LIMIT))
            except (UnreadableError, FileNotFoundError):
                rules = ()  # rules that cannot be read hide nothing
            self._rules[path] = rules
        return rules


def _parse(data: bytes) -> tuple[_Group, ...]:
    """Give the patterns of a file, last first, neighbours with the same sign as one regular expression."""
    from pathspec.patterns.gitignore import GitIgnorePatternError
    from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

    signed: list[tuple[bool, list[str]]] = []
    for line in data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").split("\n"):
        if any(part.replace("**", "").count("*") > _STARS_LIMIT for part in line.split("/")):
            return ()  # a bomb for the matcher: such a file hides nothing
        try:
            regex, ignores = GitIgnoreBasicPattern.pattern_to_regex(line.removesuffix("\r"))
            if regex is None or ignores is None:
                continue
            re.compile(regex)
        except (GitIgnorePatternError, re.error):
            continue  # git drops what is no pattern
        if not signed or signed[-1][0] != ignores:
            signed.append((ignores, []))
        signed[-1][1].append(regex)
    return tuple(_Group(ignores, re.compile("|".join(regexes))) for ignores, regexes in reversed(signed))
