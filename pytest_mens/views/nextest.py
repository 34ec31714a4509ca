"""nextest's filtersets (`-E 'test(x) & package(y)'`): parsed and evaluated, with "not known" as a third value.

Source: the filterset reference of cargo-nextest 0.9. `deps`, `rdeps`, `group`, `default` and `platform` are not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

REGEX_SECONDS = 1.0
NESTING_LIMIT = 50


@dataclass(frozen=True)
class Subject:
    """What a filterset is asked about: one test of one binary."""

    package: str
    kind: str
    binary: str
    test: str

    @property
    def binary_id(self) -> str:
        """Give nextest's id of the binary."""
        if self.kind in {"lib", "proc-macro"}:
            return self.package
        return f"{self.package}::{self.binary if self.kind == 'test' else f'{self.kind}/{self.binary}'}"


@dataclass(frozen=True)
class Filterset:
    """`holds` gives True, False, or None where it cannot be told.

    `needles`: the name of a test that it selects contains one of them; None when nothing is known of its name.
    """

    holds: Callable[[Subject], bool | None]
    needles: frozenset[str] | None = None


def parse(expression: str) -> Filterset:
    """Parse a filterset. Raise ValueError when it is not one that nextest would accept."""
    parser = _Parser(expression)
    parsed = parser.union(0)
    if parser.peek():
        raise ValueError(f"unexpected `{parser.peek()}` in the filterset")
    return parsed


class _Parser:
    """A recursive-descent parser: `or | +` bind least, then `and & -`, then `not !`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        match = re.compile(r"\s*(\w+|\S|)").match(self.text, self.at)
        return match[1] if match else ""

    def take(self, *tokens: str) -> str:
        token = self.peek()
        if not token or token not in tokens:
            return ""
        self.at = self.text.index(token, self.at) + len(token)
        if token in {"|", "&"} and self.text.startswith(token, self.at):
            self.at += 1
        return token

    def union(self, depth: int) -> Filterset:
        left = self.intersection(depth)
        while self.take("or", "|", "+"):
            left = either(left, self.intersection(depth))
        return left

    def intersection(self, depth: int) -> Filterset:
        left = self.negation(depth)
        while operator := self.take("and", "&", "-"):
            right = self.negation(depth)
            left = both(left, _negate(right) if operator == "-" else right)
        return left

    def negation(self, depth: int) -> Filterset:
        if depth > NESTING_LIMIT:
            raise ValueError("the filterset is nested too deeply")
        if self.take("not", "!"):
            return _negate(self.negation(depth + 1))
        if self.take("("):
            inner = self.union(depth + 1)
            if not self.take(")"):
                raise ValueError("a parenthesis of the filterset is not closed")
            return inner
        return self.predicate()

    def predicate(self) -> Filterset:
        name = self.peek()
        if not name:
            raise ValueError("the filterset ends too early")
        if not self.take(name) or not self.take("("):
            raise ValueError(f"`{name}` is no predicate of filtersets")
        return _predicate(name, self.argument())

    def argument(self) -> str:
        """Read up to the closing parenthesis: a regular expression may hold one, other matchers escape it."""
        rest = self.text[self.at :]
        found = re.match(r"\s*(/(?:\\.|[^/\\])*/)\s*\)", rest) or re.match(r"\s*((?:\\.|[^)\\])*)\)", rest)
        if found is None:
            raise ValueError("a parenthesis of the filterset is not closed")
        self.at += found.end()
        return found[1].strip()


_FIELDS: dict[str, tuple[str, Callable[[Subject], str]]] = {
    "test": ("contains", lambda subject: subject.test),
    "package": ("glob", lambda subject: subject.package),
    "kind": ("equal", lambda subject: subject.kind),
    "binary": ("glob", lambda subject: subject.binary),
    "binary_id": ("glob", lambda subject: subject.binary_id),
}


def _predicate(name: str, argument: str) -> Filterset:
    if name in {"all", "none"}:
        return Filterset(lambda _: name == "all", None if name == "all" else frozenset())
    if name in _FIELDS:
        default, read = _FIELDS[name]
        kind, wanted = _matcher(argument, default)
        known = frozenset({wanted}) if name == "test" and kind in {"contains", "equal"} else None
        return Filterset(lambda subject: _matches(kind, wanted, read(subject)), known)
    if name in {"deps", "rdeps", "platform", "default", "group"}:
        return Filterset(lambda _: None)
    raise ValueError(f"`{name}` is no predicate of filtersets")


def _matcher(argument: str, default: str) -> tuple[str, str]:
    """Read a name matcher: `=exact`, `~contains`, `/regex/`, `#glob`, or the predicate's own default."""
    if len(argument) > 1 and argument.startswith("/") and argument.endswith("/"):
        pattern = argument[1:-1].replace("\\/", "/")
        try:
            regex.compile(pattern)
        except regex.error as error:
            raise ValueError(f"`{argument}` is no regular expression: {error}") from None
        return "regex", pattern
    kind = {"=": "equal", "~": "contains", "#": "glob"}.get(argument[:1], "")
    wanted = re.sub(r"\\(.)", r"\1", argument[1:] if kind else argument)
    if not wanted:
        raise ValueError("a matcher of the filterset is empty")
    return kind or default, wanted


def _matches(kind: str, wanted: str, text: str) -> bool | None:
    if kind == "equal":
        return text == wanted
    if kind == "contains":
        return wanted in text
    if kind == "glob":
        return fnmatchcase(text, wanted)
    try:
        return regex.search(wanted, text, timeout=REGEX_SECONDS) is not None
    except TimeoutError:
        return None


def _negate(inner: Filterset) -> Filterset:
    def holds(subject: Subject) -> bool | None:
        verdict = inner.holds(subject)
        return None if verdict is None else not verdict

    return Filterset(holds)


def both(left: Filterset, right: Filterset) -> Filterset:
    """Give the intersection."""

    def holds(subject: Subject) -> bool | None:
        verdicts = {left.holds(subject), right.holds(subject)}
        return False if False in verdicts else None if None in verdicts else True

    return Filterset(holds, left.needles if left.needles is not None else right.needles)


def either(left: Filterset, right: Filterset) -> Filterset:
    """Give the union."""

    def holds(subject: Subject) -> bool | None:
        verdicts = {left.holds(subject), right.holds(subject)}
        return True if True in verdicts else None if None in verdicts else False

    known = left.needles is not None and right.needles is not None
    return Filterset(holds, (left.needles or frozenset()) | (right.needles or frozenset()) if known else None)
