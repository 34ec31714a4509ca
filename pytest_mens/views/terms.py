"""Terms up to algebra: sums of products over opaque atoms, with one canonical text for equal terms.

A term is a polynomial with rational coefficients whose variables are atoms (a field, a call, a parameter). Exponents
may be negative, so `a / b` is `a * b^-1`. Two terms are equal exactly when their canonical texts are: operand order,
brackets, `1.0 * x`, `x - -y` and `r * (i + o)` against `i * r + r * o` make no difference.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

EXPANSION_LIMIT = 200
"""Summands of the largest product that is multiplied out; a larger one stays one atom."""
COEFFICIENT_LIMIT = 10**60
TEXT_LIMIT = 2000
"""Characters of the longest canonical text; a longer one is stood for by its digest, since terms share their parts."""


@dataclass(frozen=True, eq=False)
class Atom:
    """Something that algebra does not look into: `kind` says what, `parts` what it is made of."""

    kind: str
    parts: tuple[str | Term, ...] = ()

    @cached_property
    def text(self) -> str:
        """Give the canonical text."""
        inner = ", ".join(repr(part) if isinstance(part, str) else part.text for part in self.parts)
        return f"{self.kind}({_shortened(inner)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def term(self, index: int) -> Term:
        """Give the part at `index`, which is known to be a term."""
        part = self.parts[index]
        return name(part) if isinstance(part, str) else part


Monomial = tuple[tuple[Atom, int], ...]


@dataclass(frozen=True, eq=False)
class Term:
    """A sum of monomials with coefficients, in canonical order, none of them zero."""

    summands: tuple[tuple[Monomial, Fraction], ...] = ()

    @cached_property
    def text(self) -> str:
        """Give the canonical text."""
        return _shortened(" + ".join(_summand_text(monomial, factor) for monomial, factor in self.summands) or "0")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Term) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __add__(self, other: Term) -> Term:
        return _sum([*self.summands, *other.summands])

    def __neg__(self) -> Term:
        return Term(tuple((monomial, -factor) for monomial, factor in self.summands))

    def __sub__(self, other: Term) -> Term:
        return self + -other

    def __mul__(self, other: Term) -> Term:
        if len(self.summands) * len(other.summands) > EXPANSION_LIMIT:
            return atom("product", *sorted((self, other), key=_text))
        products = [(_product(left, right), one * two) for left, one in self.summands for right, two in other.summands]
        if any(max(abs(factor.numerator), factor.denominator) > COEFFICIENT_LIMIT for _, factor in products):
            return atom("product", *sorted((self, other), key=_text))
        return _sum(products)

    def __truediv__(self, other: Term) -> Term:
        return self * other.inverse()

    def inverse(self) -> Term:
        """Give `1 / self`; a sum becomes one atom, as does zero."""
        if len(self.summands) != 1:
            return Term(((((Atom("sum", (self,)), -1),), Fraction(1)),))
        ((monomial, factor),) = self.summands
        return Term(((tuple((part, -power) for part, power in monomial), 1 / factor),))

    @property
    def single(self) -> Atom | None:
        """Give the atom that this term is, or None when it is anything else."""
        if len(self.summands) != 1:
            return None
        ((monomial, factor),) = self.summands
        return monomial[0][0] if factor == 1 and len(monomial) == 1 and monomial[0][1] == 1 else None

    @property
    def constant(self) -> Fraction | None:
        """Give the number that this term is, or None."""
        if not self.summands:
            return Fraction(0)
        (monomial, factor), *more = self.summands
        return None if monomial or more else factor


def number(value: Fraction | int) -> Term:
    """Give a constant."""
    return Term((((), Fraction(value)),)) if value else Term()


def atom(kind: str, *parts: str | Term) -> Term:
    """Give the term that is one atom."""
    return Term(((((Atom(kind, parts), 1),), Fraction(1)),))


def name(text: str) -> Term:
    """Give a free name."""
    return atom("name", text)


def atoms(term: Term) -> Iterator[Atom]:
    """Give every atom of `term` once for each term it stands in, those inside atoms too, outer before inner."""
    pending: list[Term] = [term]
    seen: set[Term] = set()
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        for monomial, _ in current.summands:
            for part, _ in monomial:
                yield part
                pending.extend(inner for inner in part.parts if isinstance(inner, Term))


def leaves(term: Term) -> frozenset[str]:
    """Give the texts of all atoms in `term`."""
    return frozenset(inner.text for inner in atoms(term))


def rewrite(term: Term, change: Callable[[Atom], Term | None]) -> Term:
    """Replace atoms, inner ones first: `change` gives the replacement, or None to keep the atom."""
    return _rewrite(term, change, {})


def _rewrite(term: Term, change: Callable[[Atom], Term | None], done: dict[Term, Term]) -> Term:
    if term not in done:
        total = Term()
        for monomial, factor in term.summands:
            product = number(factor)
            for part, power in monomial:
                value = _rewritten(part, change, done)
                for _ in range(abs(power)):
                    product = product * (value if power > 0 else value.inverse())
            total = total + product
        done[term] = total
    return done[term]


def _rewritten(part: Atom, change: Callable[[Atom], Term | None], done: dict[Term, Term]) -> Term:
    parts = tuple(_rewrite(inner, change, done) if isinstance(inner, Term) else inner for inner in part.parts)
    fresh = Atom(part.kind, parts)
    replaced = change(fresh)
    if replaced is not None:
        return replaced
    return fresh.term(0) if fresh.kind == "sum" else atom(fresh.kind, *fresh.parts)


def _shortened(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _text(value: Term | Atom) -> str:
    return value.text


def _summand_text(monomial: Monomial, factor: Fraction) -> str:
    shown = [part.text if power == 1 else f"{part.text}^{power}" for part, power in monomial]
    if factor != 1 or not shown:
        shown.insert(0, str(factor))
    return "*".join(shown)


def _product(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for part, power in right:
        powers[part] = powers.get(part, 0) + power
    return tuple(sorted(((part, power) for part, power in powers.items() if power), key=_factor_key))


def _factor_key(factor: tuple[Atom, int]) -> tuple[str, int]:
    return factor[0].text, factor[1]


def _sum(summands: Iterable[tuple[Monomial, Fraction]]) -> Term:
    total: dict[Monomial, Fraction] = {}
    for monomial, factor in summands:
        total[monomial] = total.get(monomial, Fraction(0)) + factor
    kept = [(monomial, factor) for monomial, factor in total.items() if factor]
    return Term(tuple(sorted(kept, key=_summand_key)))


def _summand_key(summand: tuple[Monomial, Fraction]) -> str:
    return "*".join(f"{part.text}^{power}" for part, power in summand[0])
