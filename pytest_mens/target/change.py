"""What differs between a target and its base: paths, renames, line ranges; and which findings are new.

Nothing here asks git: contents are compared by their ids, renames are paired and line ranges computed here, so that
one missing or hostile file costs that file alone.
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.model import Finding, UnreadableError
from pytest_mens.target.beneath import SYMBOLIC_LINK
from pytest_mens.target.ids import object_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mens.target import Target

_CELLS_LIMIT = 4_000_000
"""Lines of one side times lines of the other that difflib compares; beyond it the whole middle counts as changed."""
_PAIRS_LIMIT = 20_000
"""Pairs of a removed and an added file whose contents are compared to find a rename."""
_SIMILAR = 0.5
"""Share of common lines from which an added file is a removed one renamed, as in `git diff --find-renames`."""


class Hunk(NamedTuple):
    """Lines that were replaced, and by which; 1-based, an empty range stands before its start."""

    base: range
    head: range


class Change:
    """What turned `base` into `head`. Everything is worked out when first asked for, and once."""

    def __init__(self, base: Target, head: Target) -> None:
        self.base = base
        self.head = head
        self._unchanged: dict[str, bool] = {}
        self._hunks: dict[str, tuple[Hunk, ...]] = {}

    def unchanged(self, path: str) -> bool:
        """Tell whether a path is in both with the same content; a file that cannot be read counts as changed."""
        answer = self._unchanged.get(path)
        if answer is None:
            answer = self._unchanged[path] = self._compare(path)
        return answer

    def _compare(self, path: str) -> bool:
        if path not in self._base_paths or path not in self._head_paths:
            return False
        if self._is_link(self.base, path) != self._is_link(self.head, path):
            return False
        try:
            return self.head.tree.matches(path, self.base.tree.blob_id(path))
        except UnreadableError:
            return False

    @staticmethod
    def _is_link(target: Target, path: str) -> bool:
        return target.tree.obstacles().get(path) == SYMBOLIC_LINK

    @cached_property
    def _base_paths(self) -> frozenset[str]:
        return frozenset(self.base.paths)

    @cached_property
    def _head_paths(self) -> frozenset[str]:
        return frozenset(self.head.paths)

    @cached_property
    def added(self) -> tuple[str, ...]:
        """The paths that the base does not have, sorted."""
        return tuple(sorted(self._head_paths - self._base_paths))

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """The paths that only the base has, sorted."""
        return tuple(sorted(self._base_paths - self._head_paths))

    @cached_property
    def modified(self) -> tuple[str, ...]:
        """The paths that both have with different content, sorted."""
        return tuple(path for path in self.head.paths if path in self._base_paths and not self.unchanged(path))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """All of them: added, removed and modified, sorted."""
        return tuple(sorted((*self.added, *self.removed, *self.modified)))

    @cached_property
    def renames(self) -> Mapping[str, str]:
        """The added paths that are removed ones under another name, each with its old name.

        Files with the same content are paired first, those with the same file name before others; then those that
        have at least half of their lines in common, the most similar first.
        """
        pairs: dict[str, str] = {}
        self._pair_equal(pairs)
        self._pair_similar(pairs)
        return dict(sorted(pairs.items()))

    def _pair_equal(self, pairs: dict[str, str]) -> None:
        """Pair files with the same content, each removed one once; empty ones are all the same and tell nothing."""
        olds: dict[str, list[str]] = defaultdict(list)
        for path in self.removed:
            olds[self.base.tree.blob_id(path)].append(path)
        length = max(map(len, olds), default=0)
        news: dict[str, list[str]] = defaultdict(list)
        for path in self.added if olds else ():
            with suppress(UnreadableError):
                news[self.head.tree.blob_id(path, length)].append(path)
        for id_ in sorted((olds.keys() & news.keys()) - {object_id("blob", b"", length)}):
            same_name = [(new, old) for new in news[id_] for old in olds[id_] if _name(new) == _name(old)]
            for new, old in (*same_name, *((new, old) for new in news[id_] for old in olds[id_])):
                if new not in pairs and old not in pairs.values():
                    pairs[new] = old

    def _pair_similar(self, pairs: dict[str, str]) -> None:
        """Pair the rest by the lines they share, the most similar first."""
        taken = set(pairs.values())
        rest = [(new, old) for new in self.added if new not in pairs for old in self.removed if old not in taken]
        rest = [(new, old) for new, old in rest if _suffix(new) == _suffix(old)]
        if len(rest) > _PAIRS_LIMIT:
            rest = [(new, old) for new, old in rest if _name(new) == _name(old)][:_PAIRS_LIMIT]
        heads = _line_counts(self.head, {new for new, _ in rest})
        bases = _line_counts(self.base, {old for _, old in rest})
        scored = [(_similarity(bases[old], heads[new]), new, old) for new, old in rest if old in bases and new in heads]
        for score, new, old in sorted(
            scored, key=lambda one: (-one[0], _name(one[1]) != _name(one[2]), one[1], one[2])
        ):
            if score >= _SIMILAR and new not in pairs and old not in taken:
                pairs[new] = old
                taken.add(old)

    def base_path(self, path: str) -> str | None:
        """Give the name that a file of the head had in the base, or None if it is new."""
        return path if path in self._base_paths else self.renames.get(path)

    def hunks(self, path: str) -> tuple[Hunk, ...]:
        """Give the line ranges in which a file of the head differs from what it was; raise UnreadableError.

        A file that is new is one hunk.
        """
        if path not in self._hunks:
            if self.unchanged(path):
                self._hunks[path] = ()
            else:
                old = self.base_path(path)
                before = "" if old is None else self.base.text(old)
                self._hunks[path] = hunks(before, self.head.text(path))
        return self._hunks[path]

    def touches(self, path: str, lines: range) -> bool:
        """Tell whether any of `lines` of a file of the head is new or changed, or lines between them were removed."""
        return any(
            hunk.head.start < lines.stop and (hunk.head.stop > lines.start or hunk.head.start > lines.start)
            for hunk in self.hunks(path)
        )


def hunks(before: str, after: str) -> tuple[Hunk, ...]:
    """Compare two texts line by line, lines ending at LF only.

    What both begin and end with is trimmed first; if the rest is too large for difflib it is one hunk.
    """
    old, new = _lines(before), _lines(after)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old, new = old[start : len(old) - tail], new[start : len(new) - tail]
    if len(old) * len(new) > _CELLS_LIMIT or not old or not new:
        blocks = [(0, len(old), 0, len(new))] if old or new else []
    else:
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        blocks = [(a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    first = start + 1
    return tuple(Hunk(range(first + a, first + b), range(first + c, first + d)) for a, b, c, d in blocks)


def new_findings(
    head: Sequence[Finding], base: Iterable[Finding], change: Change
) -> tuple[list[Finding], list[Finding]]:
    """Part the findings of one entry on the head into new ones and ones that the base has too.

    Findings are paired one to one by their path (through renames) and the text of their line without its white space,
    so that neither shifted lines nor formatting make one new, and a second one on an equal line is new. Among equals
    those with the same message pair first. What stood in a removed file may have moved into any added one. What could
    not be read is never old: nothing is known about it.
    """
    unread = [finding for finding in head if finding.message.startswith("UNREADABLE ")]
    news = [finding for finding in head if finding not in unread]
    left = list(base)
    old: list[Finding] = []
    for key_of in (_strict_key, _plain_key, _moved_key):
        free = Counter(key for finding in left if (key := key_of(change, finding, in_head=False)) is not None)
        taken: Counter[object] = Counter()
        rest = []
        for finding in news:
            key = key_of(change, finding, in_head=True)
            if key is not None and free[key] > taken[key]:
                taken[key] += 1
                old.append(finding)
            else:
                rest.append(finding)
        news = rest
        remaining = []
        for finding in left:
            key = key_of(change, finding, in_head=False)
            if taken[key] > 0:
                taken[key] -= 1
            else:
                remaining.append(finding)
        left = remaining
    return sorted((*unread, *news), key=Finding.sort_key), sorted(old, key=Finding.sort_key)


def _plain_key(change: Change, finding: Finding, *, in_head: bool) -> object:
    """Give the path as the base names it, and the text of the line."""
    path = (change.base_path(finding.path) or finding.path) if in_head else finding.path
    return path, _line_text(change, finding, in_head=in_head)


def _strict_key(change: Change, finding: Finding, *, in_head: bool) -> object:
    return _plain_key(change, finding, in_head=in_head), finding.message


def _moved_key(change: Change, finding: Finding, *, in_head: bool) -> object:
    """Give the text of a line alone, for lines that left a removed file and for lines of added ones."""
    places = change.added if in_head else change.removed
    text = _line_text(change, finding, in_head=in_head)
    return text if text and finding.path in places else None


def _line_text(change: Change, finding: Finding, *, in_head: bool) -> str:
    """Give the line of a finding without white space; nothing for what has no line."""
    try:
        lines = (change.head if in_head else change.base).text(finding.path).split("\n")
    except UnreadableError:
        return ""
    return "".join(lines[finding.line - 1].split()) if 0 < finding.line <= len(lines) else ""


def _lines(text: str) -> list[str]:
    """Cut a text behind every LF, and nowhere else."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()
    return [*lines, last[:-1]] if last != "\n" else lines


def _line_counts(target: Target, paths: Iterable[str]) -> dict[str, Counter[bytes]]:
    """Count the lines of files; those that cannot be read, and empty ones, are left out."""
    counts = {}
    for path in target.reading(sorted(paths)):
        with suppress(UnreadableError):
            if data := target.data(path):
                counts[path] = Counter(data.split(b"\n"))
    return counts


def _similarity(one: Counter[bytes], other: Counter[bytes]) -> float:
    """Give the share of bytes, of the larger one, that stand in lines which both have."""
    sizes = [sum((len(line) + 1) * count for line, count in lines.items()) for lines in (one, other)]
    common = sum((len(line) + 1) * count for line, count in (one & other).items())
    return common / max(sizes)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _suffix(path: str) -> str:
    return _name(path).rpartition(".")[2]
