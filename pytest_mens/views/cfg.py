"""cfg predicates: parse, evaluate, conjoin, imply, satisfy. Exact reasoning over the atoms that occur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Atom:
    """`name` or `name = "value"`, such as `test` or `feature = "gpu"`."""

    name: str
    value: str | None = None


@dataclass(frozen=True)
class Not:
    """Negation."""

    operand: Predicate


@dataclass(frozen=True)
class All:
    """Conjunction; `All(())` is true."""

    operands: tuple[Predicate, ...]


@dataclass(frozen=True)
class AnyOf:
    """Disjunction; `AnyOf(())` is false."""

    operands: tuple[Predicate, ...]


Predicate = Atom | Not | All | AnyOf

TRUE = All(())
FALSE = AnyOf(())


def parse(text: str) -> Predicate:
    """Parse the inside of `cfg(...)`: comments and trailing commas allowed. Raise ValueError when it is no predicate."""
    raise NotImplementedError


def conjoin(predicates: Iterable[Predicate]) -> Predicate:
    """Give the conjunction, flattened, without duplicates."""
    raise NotImplementedError


def evaluate(predicate: Predicate, holds: Callable[[Atom], bool]) -> bool:
    """Evaluate under an assignment of the atoms."""
    raise NotImplementedError


def atoms(predicate: Predicate) -> frozenset[Atom]:
    """Give the atoms that occur."""
    raise NotImplementedError


def implies(premise: Predicate, conclusion: Predicate) -> bool:
    """Tell whether every assignment that satisfies `premise` satisfies `conclusion`."""
    raise NotImplementedError


def satisfiable(predicate: Predicate) -> bool:
    """Tell whether some assignment satisfies `predicate`."""
    raise NotImplementedError


def show(predicate: Predicate) -> str:
    """Write it as Rust would, such as `all(test, feature = "gpu")`."""
    raise NotImplementedError
