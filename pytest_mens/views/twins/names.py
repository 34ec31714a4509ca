"""Names that copies of a function share: fields, parameters by name or position, dimensions of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mens.views import equivalence
from pytest_mens.views.terms import Atom, Term, atom, atoms, name, rewrite

if TYPE_CHECKING:
    from pytest_mens.views.twins.state import Copy, State


def named(state: State, copy: Copy, term: Term) -> Term:
    """Call fields and parameters by their names, and a dimension of a layer by what the layer was made with."""
    return rewrite(term, lambda a: _plain_name(state, copy, a))


def _plain_name(state: State, copy: Copy, a: Atom) -> Term | None:
    if a.kind == "param":
        parameter = copy.computation.parameters[int(str(a.parts[0]))]
        return name(parameter.name) if _is_primitive(parameter.type) else None
    if a.kind == "field":
        base = a.term(0).single
        if base is not None and (base == Atom("name", ("self",)) or base.kind == "param"):
            return name(str(a.parts[1]))
    return _dimension(state, copy, a) if a.kind == "element" else None


def _dimension(state: State, copy: Copy, a: Atom) -> Term | None:
    """Read `layer.weight.dims()[i]` as the argument that the layer was built with."""
    linear = state.params.linear
    dimensions, index = a.term(0).single, int(str(a.parts[1]))
    if dimensions is None or len(dimensions.parts) != 2:
        return None
    if dimensions.kind == "call" and dimensions.parts[0] == linear.dimensions:
        weight = dimensions.term(1).single
    elif dimensions.kind == "field" and dimensions.parts[1] == linear.dimensions:
        weight = dimensions.term(0).single
    else:
        return None
    if weight is None or weight.kind != "field" or weight.parts[1] != linear.weight:
        return None
    layer = weight.term(0).single
    if layer is None or layer.kind != "name":
        return None
    return _built_with(state, copy.tree, str(layer.parts[0]), index)


def _built_with(state: State, tree: int, layer: str, index: int) -> Term | None:
    """Give the argument at `index` that a layer of the tree is built with, as far as it has a plain name."""
    for copy, literal in state.built:
        call = equivalence.part(literal, layer).single
        while call is not None and call.kind == "call" and call.parts[0] != state.params.linear.constructor:
            call = call.term(1).single if len(call.parts) > 1 else None
        if copy.tree != tree or call is None or call.kind != "call" or len(call.parts) <= index + 1:
            continue
        argument = call.term(index + 1)
        if not any(inner.kind == "element" for inner in atoms(argument)):
            return named(state, copy, argument)
    return None


def renamed(state: State, copy: Copy, term: Term) -> Term:
    """As `named`, with a plain parameter called by the configuration field that its name resembles."""
    fields = state.config_fields
    spelt = {p.name: next((f for f in fields if _resemble(p.name, f)), p.name) for p in copy.computation.parameters}

    def change(a: Atom) -> Term | None:
        return name(spelt[str(a.parts[0])]) if a.kind == "name" and a.parts[0] in spelt else None

    return rewrite(named(state, copy, term), change)


def _resemble(parameter: str, key: str) -> bool:
    return key in parameter or (len(parameter) == 1 and key.startswith(parameter))


def placed(state: State, copy: Copy, term: Term) -> Term:
    """As `named`, with plain parameters called by their position."""
    return at_positions(named(state, copy, term), [parameter.name for parameter in copy.computation.parameters])


def at_positions(term: Term, parameters: list[str]) -> Term:
    """Call parameters by their position."""
    positions = {key: str(index) for index, key in enumerate(parameters)}

    def change(a: Atom) -> Term | None:
        known = a.kind == "name" and a.parts[0] in positions
        return atom("param", positions[str(a.parts[0])]) if known else None

    return rewrite(term, change)


def _is_primitive(kind: str) -> bool:
    return kind[:1].islower()
