"""Which test functions a `cargo test` or `cargo nextest run` line would really run, without running it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mens.target import Target


@dataclass(frozen=True, order=True)
class TestId:
    """One test as libtest or nextest names it. `open` marks a name of which only the beginning is known."""

    __test__ = False

    package: str
    target: str
    name: str
    open: bool = False


@dataclass(frozen=True)
class Resolution:
    """What a command runs: `tests` for sure, `maybe` by open prefixes; `errors` are those Cargo itself would give.

    `ignored` are selected by name but not run. `empty_targets` are selected test targets that hold no test at all.
    """

    tests: frozenset[TestId]
    maybe: frozenset[TestId]
    ignored: frozenset[TestId]
    errors: tuple[str, ...]
    empty_targets: tuple[str, ...] = ()


def resolve(target: Target, argv: Sequence[str]) -> Resolution:
    """Resolve a command line such as `["cargo", "test", "-p", "x", "name"]` (memoised on its meaning)."""
    raise NotImplementedError


def runs(target: Target, argv: Sequence[str], test: TestId) -> bool:
    """Tell whether the command runs this one test, without enumerating the others (for `--workspace` commands)."""
    raise NotImplementedError
