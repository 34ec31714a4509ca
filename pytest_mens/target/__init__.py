"""The repository under judgement as data: a tree of files, read within bounds and never run."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_mens.model import BaseRequiredError, UnreadableError
from pytest_mens.target import globs
from pytest_mens.target.beneath import NOT_REGULAR, SYMBOLIC_LINK
from pytest_mens.target.search import holding
from pytest_mens.target.tree import LFS_HEADER, LFS_POINTER, TEXT_LIMIT, Tree, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_mens.target.change import Change

T = TypeVar("T")

_AHEAD = 100
"""Files that a tree may read ahead at once."""

__all__ = ["Target", "Tree"]


class Target:
    """What a checker gets: one tree, the memo of everything derived from it, and the base of a change, if any.

    `base` is the target as it was at the merge base with `--mens-base`, or None. Views are built at most once per
    target (`view`) or per file content (`file_view`); content that `base` shares with this target is read and
    parsed once for both.
    """

    def __init__(self, tree: Tree, base: Target | None = None) -> None:
        self.tree = tree
        self.base = base
        self._head: Target | None = None
        if base is not None:
            base._head = self  # noqa: SLF001 - the base of a change belongs to its head
        self.last_read = "."
        """The file that was read last, for whoever has to say where time went."""
        self._views: dict[object, Any] = {}
        self._data: dict[tuple[str, int], bytes] = {}
        self._searched: dict[tuple[str, int], bytes] = {}
        self._text: dict[tuple[str, int], str] = {}
        self._file_views: dict[object, Any] = {}
        self._needles: dict[frozenset[bytes], tuple[set[str], set[str]]] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file of the target, relative, with `/`, sorted."""
        return self.tree.paths()

    def exists(self, path: str) -> bool:
        """Tell whether `path` is a file of the target (a symbolic link counts as one).

        Raise UnreadableError when it cannot be known, because a link or a closed directory stands in the way.
        """
        if path in self.view(_path_set):
            return True
        self._refuse_obstacle(path)
        return False

    def is_dir(self, path: str) -> bool:
        """Tell whether `path` is a directory that holds at least one file of the target; `""` is the root.

        Raise UnreadableError when it cannot be known.
        """
        path = path.rstrip("/")
        if path in self.view(_directories):
            return True
        self._refuse_obstacle(path)
        return False

    def obstacle(self, path: str) -> UnreadableError | None:
        """Give what stands where the file `path` should be, or on the way to it; None when the way is free.

        A directory counts if it is named like a file, with an extension: others are places where files are looked for.
        So that a subject is not called missing where it only cannot be reached.
        """
        obstacles = self.tree.obstacles()
        for place in (path, *_above(path)):
            if place in obstacles:
                where = "" if place == path else f" ({place or '.'})"
                return UnreadableError(path, obstacles[place] + where)
        if "." in path.rpartition("/")[2][1:] and path in self.view(_directories):
            return UnreadableError(path, NOT_REGULAR)
        return None

    def _refuse_obstacle(self, path: str) -> None:
        obstacles = self.tree.obstacles()
        if obstacles:
            for place in _above(path):
                if place in obstacles:
                    raise UnreadableError(path, f"{obstacles[place]} ({place or '.'})")

    @cached_property
    def change(self) -> Change:
        """What differs between `base` and this target; raise BaseRequiredError without a base."""
        from pytest_mens.target.change import Change

        return Change(self.require_base(), self)

    def _shares(self, path: str) -> bool:
        """Tell whether this is the base of a change that left the file alone, so that the head answers for both."""
        return self._head is not None and self._head.change.unchanged(path)

    def data(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        """Give the bytes of a file of at most `limit` bytes for a search; raise UnreadableError if they cannot be had.

        NUL bytes are left out: so what is searched for is found in UTF-16 too, and whoever then wants the text learns
        that it is none. A Git LFS pointer is unreadable, since nothing is known about the file it stands for.
        """
        key = (path, limit)
        if key not in self._searched:
            data = self._raw(path, limit)
            if data.startswith(LFS_HEADER):
                raise UnreadableError(path, LFS_POINTER)
            self._searched[key] = data.replace(b"\0", b"") if b"\0" in data else data
        return self._searched[key]

    def _raw(self, path: str, limit: int) -> bytes:
        key = (path, limit)
        data = self._data.get(key)
        if data is None:
            if self._head is not None and self._shares(path):
                return self._head._raw(path, limit)  # noqa: SLF001 - the same class
            self.last_read = path
            data = self._data[key] = self.tree.read(path, limit)
        return data

    def text(self, path: str, limit: int = TEXT_LIMIT) -> str:
        """Read a file as text: UTF-8, a leading BOM dropped, CRLF made LF. Raise UnreadableError otherwise."""
        key = (path, limit)
        if key not in self._text:
            if self._head is not None and self._shares(path):
                return self._head.text(path, limit)
            self._text[key] = decode(path, self._raw(path, limit))
        return self._text[key]

    def reading(self, paths: Iterable[str], limit: int = TEXT_LIMIT) -> Iterator[str]:
        """Give `paths` again, having the tree read ahead: for loops that read every one of them."""
        todo = list(paths)
        for start in range(0, len(todo), _AHEAD):
            some = todo[start : start + _AHEAD]
            self._prepare_unread(some, limit)
            yield from some

    def _prepare(self, paths: list[str], limit: int) -> None:
        own = [path for path in paths if not self._shares(path)]
        self.tree.prepare(own, limit)
        if self._head is not None and len(own) < len(paths):
            shared = [path for path in paths if self._shares(path)]
            self._head._prepare_unread(shared, limit)  # noqa: SLF001 - the same class

    def _prepare_unread(self, paths: list[str], limit: int) -> None:
        self._prepare([path for path in paths if (path, limit) not in self._data], limit)

    def glob(self, *patterns: str) -> tuple[str, ...]:
        """Give the files that match any of `patterns`, written as in a .gitignore (`docs/**/*.md`, `*.rs`).

        A symbolic link is left out when the file it leads to matches as well: that is where its content is judged.
        Raise UnreadableError when a directory that could hold matches was closed, or when the fixed beginning of a
        pattern leads through a symbolic link.
        """
        key = ("glob", patterns)
        if key not in self._views:
            for place, reason in self.tree.obstacles().items():
                if globs.reaches(patterns, place, link=reason == SYMBOLIC_LINK):
                    raise UnreadableError(place or ".", reason)
            matching = globs.select(patterns, self.paths)
            self._views[key] = tuple(path for path in matching if not self._repeats(path, matching))
        found: tuple[str, ...] = self._views[key]
        return found

    def _repeats(self, path: str, others: tuple[str, ...]) -> bool:
        """Tell whether `path` is a symbolic link to a regular file of `others`."""
        obstacles = self.tree.obstacles()
        if obstacles.get(path) != SYMBOLIC_LINK:
            return False
        try:
            steps = self.tree.link(path).split("/")
        except UnreadableError:
            return False
        place = path.split("/")[:-1]
        while place and steps and steps[0] == "..":
            place.pop()
            del steps[0]
        if not {"", ".", ".."}.isdisjoint(steps):
            return False  # absolute, out of the target, or through other links perhaps
        led_to = "/".join((*place, *steps))
        return led_to in others and led_to not in obstacles

    def containing(self, needles: Iterable[bytes], paths: Iterable[str]) -> list[str]:
        """Narrow `paths` to those whose bytes contain any of `needles`; unreadable files are kept.

        The cheap step before a parser: a file kept only because it cannot be read makes the view that needs it
        raise UnreadableError, so nothing passes unread.
        """
        some = list(paths)
        found = self._holding(frozenset(needles), some)
        return [path for path in some if path in found]

    def _holding(self, needles: frozenset[bytes], paths: list[str]) -> set[str]:
        """Give the files that hold one of `needles` among those looked at so far, which from now on include `paths`.

        Entries ask for the same needles again, among the same files or a part of them.
        """
        seen, found = self._needles.setdefault(needles, (set(), set()))
        new = todo = [path for path in paths if path not in seen]
        if self._head is not None:
            shared = {path for path in todo if self._shares(path)}
            found |= shared.intersection(self._head._holding(needles, sorted(shared)))  # noqa: SLF001 - the same class
            todo = [path for path in todo if path not in shared]
        holds = holding(needles)
        for path in self.reading(todo):
            try:
                if holds(self.data(path)):
                    found.add(path)
            except UnreadableError:
                found.add(path)
        seen.update(new)
        return found

    def view(self, build: Callable[[Target], T]) -> T:
        """Give `build(self)`, built at most once. `build` must be a module-level function: it is the key."""
        if build not in self._views:
            self._views[build] = build(self)
        result: T = self._views[build]
        return result

    def file_view(self, build: Callable[[Target, str], T], path: str) -> T:
        """Give `build(self, path)`, a view that depends on the content of `path` alone, built at most once."""
        key = (build, path)
        if key not in self._file_views:
            if self._head is not None and self._shares(path):
                return self._head.file_view(build, path)
            self._file_views[key] = build(self, path)
        result: T = self._file_views[key]
        return result

    def forget(self) -> None:
        """Let go of all that was read and derived, also of the base; it is made again when it is asked for."""
        for memo in (self._views, self._data, self._searched, self._text, self._file_views, self._needles):
            memo.clear()
        if self.base is not None:
            self.base.forget()

    def require_base(self) -> Target:
        """Give the base of the change; raise BaseRequiredError when there is none."""
        if self.base is None:
            raise BaseRequiredError
        return self.base


def _above(path: str) -> Iterator[str]:
    """Give the directories above `path`, nearest first, the root (`""`) last."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _path_set(target: Target) -> frozenset[str]:
    return frozenset(target.paths)


def _directories(target: Target) -> frozenset[str]:
    found = {""}
    for path in target.paths:
        parent = path.rpartition("/")[0]
        while parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return frozenset(found)
