"""What a chain of linear layers computes, whether it is written as calls on an input or as products of weights.

`base.forward(x) + b.forward(a.forward(x)) * s` and `base.weight + a.weight.matmul(b.weight) * s` are the same map: each
is read as a sum of chains of layers with a scalar factor, here `{(base): 1, (a, b): s}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views.terms import Atom, Term, atom, name, number

if TYPE_CHECKING:
    from collections.abc import Mapping

Chain = tuple[str, ...]
Chains = dict[Chain, Term]


@dataclass(frozen=True)
class Vocabulary:
    """How layers are spelt: `layers` are fields of `self`, the frozen base first; `apply` runs one.

    `product` multiplies two weights. `identities` are layers (dropout) that leave the map alone on a branch, which
    the base is no part of.
    """

    layers: tuple[str, ...]
    weight: str
    apply: str
    product: str
    identities: tuple[str, ...] = ()


def chains(term: Term, words: Vocabulary, inside: str | None = None) -> Chains:
    """Read `term` as a sum of chains; what is no layer is a scalar factor, and a plain parameter is the input.

    `inside` is the layer that `term` is the input of.
    """
    found: Chains = {}
    for monomial, factor in term.summands:
        summands: Chains = {(): number(factor)}
        for part, power in monomial:
            inner = _part(part, words, inside) if power == 1 else None
            if inner is None:
                scalar = atom(part.kind, *part.parts)
                inner = {(): _power(scalar, power)}
            summands = _multiplied(summands, inner)
        _add(found, summands)
    return {chain: scalar for chain, scalar in found.items() if scalar.summands}


def shown(found: Mapping[Chain, Term]) -> str:
    """Give a canonical text."""
    return "; ".join(f"{' '.join(chain) or '-'}: {found[chain].text}" for chain in sorted(found))


def _part(part: Atom, words: Vocabulary, inside: str | None) -> Chains | None:
    """Read one atom as chains, or None when it is a scalar."""
    if part.kind == "param":
        return {(): number(1)}
    if part.kind == "call" and part.parts[0] == words.product and len(part.parts) == 3:
        return _multiplied(chains(part.term(1), words), chains(part.term(2), words))
    layer = _weight_of(part, words)
    if layer is not None:
        return {(layer,): number(1)}
    applied = _applied(part, words)
    if applied is None:
        return None
    layer, argument = applied
    if layer not in words.identities:
        return {(*chain, layer): scalar for chain, scalar in chains(argument, words, layer).items()}
    inner = chains(argument, words, inside)
    base = words.layers[0]
    on_branch = inside not in (None, base) or () not in inner
    return inner if on_branch and not any(base in chain for chain in inner) else None


def _weight_of(part: Atom, words: Vocabulary) -> str | None:
    if part.kind != "field" or part.parts[1] != words.weight:
        return None
    return _layer(part.term(0), words)


def _applied(part: Atom, words: Vocabulary) -> tuple[str, Term] | None:
    """Give the layer and the input of `self.layer.apply(x)`, or of `layer(x)` in a formula."""
    if part.kind != "call":
        return None
    if part.parts[0] == words.apply and len(part.parts) == 3:
        layer = _layer(part.term(1), words)
        return None if layer is None else (layer, part.term(2))
    if part.parts[0] in words.layers and len(part.parts) == 2:
        return str(part.parts[0]), part.term(1)
    return None


def _layer(term: Term, words: Vocabulary) -> str | None:
    single = term.single
    if single is None or single.kind != "field" or single.term(0) != name("self"):
        return None
    key = str(single.parts[1])
    return key if key in (*words.layers, *words.identities) else None


def _multiplied(left: Chains, right: Chains) -> Chains:
    product: Chains = {}
    for first, one in left.items():
        for second, two in right.items():
            _add(product, {(*first, *second): one * two})
    return product


def _add(total: Chains, more: Chains) -> None:
    for chain, scalar in more.items():
        total[chain] = total.get(chain, Term()) + scalar


def _power(term: Term, power: int) -> Term:
    product = number(1)
    for _ in range(abs(power)):
        product = product * (term if power > 0 else term.inverse())
    return product
