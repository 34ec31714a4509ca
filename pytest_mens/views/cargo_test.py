"""Which test functions a `cargo test` or `cargo nextest run` line would really run, without running it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import CargoTarget
    from pytest_mens.views.cfg import Predicate
    from pytest_mens.views.modules import Item


@dataclass(frozen=True, order=True)
class TestId:
    """One test as libtest or nextest names it. `open` marks a name of which only the beginning is known.

    `target` is `target_label` of its Cargo target: `lib`, `bin tool`, `test parity`, `example e` or `bench b`.
    """

    __test__ = False

    package: str
    target: str
    name: str
    open: bool = False


@dataclass(frozen=True)
class Test:
    """A test function: its id, the cfg under which it exists and is ignored, and where it stands."""

    __test__ = False

    id: TestId
    cfg: Predicate
    ignored: Predicate
    path: str
    line: int
    column: int


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


def target_label(cargo_target: CargoTarget) -> str:
    """Give the form in which TestId names a Cargo target."""
    return "lib" if cargo_target.kind == "lib" else f"{cargo_target.kind} {cargo_target.name}"


def test_of(item: Item) -> Test | None:
    """Give the test that a placed function is, or None when it is none (or only a helper)."""
    raise NotImplementedError


def resolve(target: Target, argv: Sequence[str], cwd: str = "") -> Resolution:
    """Resolve a command line such as `["cargo", "test", "-p", "x", "name"]` (memoised on its meaning)."""
    raise NotImplementedError


def runs(target: Target, argv: Sequence[str], test: Test | TestId, cwd: str = "") -> bool:
    """Tell whether the command runs this one test, without enumerating the others (for `--workspace` commands)."""
    raise NotImplementedError
