"""The plain data that checkers receive and give: findings, and the two ways a rule cannot be judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Level = Literal["error", "note"]


@dataclass(frozen=True, order=True)
class Related:
    """The other side of a finding: a place that explains or contradicts it.

    `line` and `column` are 1-based; `column` counts characters.
    """

    path: str
    line: int
    column: int
    message: str


@dataclass(frozen=True)
class Finding:
    """One violation (`level="error"`), or one thing that deserves attention without failing (`level="note"`).

    `path` is relative to the target with POSIX separators. `line` and `column` are 1-based, `column` counts
    characters; `end` is the exclusive end in the same units, where known. `message` is one line that says what is
    wrong and quotes the offending value; `help` says what to do.
    """

    path: str
    message: str
    line: int = 1
    column: int = 1
    end: tuple[int, int] | None = None
    help: str = ""
    related: tuple[Related, ...] = ()
    level: Level = "error"

    def sort_key(self) -> tuple[str, int, int, str]:
        """Order findings by path, line, column, then message."""
        return (self.path, self.line, self.column, self.message)


class SubjectMissingError(Exception):
    """What the rule speaks of is not in the target at all.

    `reason` says what was looked for and where it may have gone. `path` anchors the finding that
    `missing = "fail"` makes of it: the place where the subject should be, or the document that promises it.
    """

    def __init__(self, reason: str, *, path: str = ".", line: int = 1, column: int = 1, help: str = "") -> None:  # noqa: A002 - the name of Finding's field
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.line = line
        self.column = column
        self.help = help


class BaseRequiredError(Exception):
    """The rule only judges changes, and no base revision was given."""


class UnreadableError(Exception):
    """A file that the rule needs cannot be used; `reason` is one of the fixed phrases of `docs/reliability.md`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"UNREADABLE {path}: {reason}")
        self.path = path
        self.reason = reason


class Checker(Protocol):
    """What judges an entry: a module, or any object, with these two names.

    `Params` is a frozen dataclass, the schema of the entry's `params`; `check(target, params)` yields findings.
    """

    Params: type[Any]

    @staticmethod
    def check(target: Any, params: Any) -> Iterable[Finding]:
        """Find the subject first, then yield what is wrong with it."""


@dataclass(frozen=True)
class Entry:
    """One table of a checklist. `line` is where it stands; `params` is an instance of the checker's `Params`."""

    id: str
    section: str
    title: str
    rule: str
    checker: str
    missing: Literal["fail", "skip"]
    params: Any
    check: Callable[[Any, Any], Iterable[Finding]]
    symbols: tuple[str, ...]
    line: int

    @property
    def slug(self) -> str:
        """Give the section as `-k`, `-m` and reports spell it, such as `tests-and-ci`."""
        return slug(self.section)


def slug(text: str) -> str:
    """Give `text` in lower case, each run of other characters than letters and digits one hyphen."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
