"""Where two copies part: the step of one at which it begins to compute something else than the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mens.views import equivalence, layers
from pytest_mens.views.terms import Term, atom, atoms, leaves, rewrite
from pytest_mens.views.twins.equations import scalars
from pytest_mens.views.twins.names import named, placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mens.views.equivalence import Step
    from pytest_mens.views.terms import Atom
    from pytest_mens.views.twins.equations import Voice
    from pytest_mens.views.twins.state import Copy, State


def whole_step(voice: Voice, copy: Copy) -> Step:
    """Give the first step that computes all of what is compared."""
    found = copy.computation.first(
        lambda step: step.term == voice.term and step.node.type not in ("identifier", "self")
    )
    return found or equivalence.Step(copy.file, copy.function.body or copy.function.node, voice.term)


def parting(state: State, deviant: Voice, reference: Voice) -> Step:
    """Give the step at which `deviant` parts from `reference`."""
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None:
        raise TypeError("only code deviates")
    if deviant.chains is not None and reference.chains is not None:
        return _chain_place(state, deviant, reference) or whole_step(deviant, copy)
    whole, own, expected = (
        _let(state, deviant, reference)
        or _member(state, deviant, reference)
        or (whole_step(deviant, copy), deviant.term, reference.term)
    )
    foreign = leaves(named(state, copy, own)) - leaves(named(state, other, expected))
    if not foreign:
        return _mended(state, deviant, reference, whole) or whole
    steps = sorted(copy.computation.steps, key=lambda step: not _within(step, whole))
    for step in steps:
        single = named(state, copy, step.term).single
        if single is not None and single.text in foreign:
            return step
    return whole


def _mended(state: State, deviant: Voice, reference: Voice, whole: Step) -> Step | None:
    """Give the step of one atom that, were it what stands in its place in `reference`, would leave no difference."""
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None:
        return None
    expected = named(state, other, reference.term)
    wanted = sorted(atoms(expected), key=lambda a: a.text)
    for step in copy.computation.steps:
        single = step.term.single
        if single is None or single.kind in ("param", "name", "update", "struct", "tuple") or step is whole:
            continue
        for leaf in wanted:
            mended = rewrite(deviant.term, _replacing(single, atom(leaf.kind, *leaf.parts)))
            if named(state, copy, mended) == expected:
                return step
    return None


def _replacing(old: Atom, by: Term) -> Callable[[Atom], Term | None]:
    return lambda found: by if found == old else None


def _lets(copy: Copy) -> dict[str, Step]:
    """Give the values that a function binds to plain names."""
    found: dict[str, Step] = {}
    for step in copy.computation.steps:
        parent = step.node.parent
        if parent is not None and parent.type == "let_declaration" and parent.child_by_field_name("value") == step.node:
            pattern = parent.child_by_field_name("pattern")
            if pattern is not None and step.file is copy.file:
                found.setdefault(copy.file.text_of(pattern), step)
    return found


def _let(state: State, deviant: Voice, reference: Voice) -> tuple[Step, Term, Term] | None:
    """Of two whole results, give the first value that differs under the same name, with what it is on both sides."""
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None or deviant.term != copy.computation.result:
        return None
    theirs = _lets(other)
    for key, step in _lets(copy).items():
        if key in theirs and placed(state, copy, step.term) != placed(state, other, theirs[key].term):
            return step, step.term, theirs[key].term
    return None


def _member(state: State, deviant: Voice, reference: Voice) -> tuple[Step, Term, Term] | None:
    """Of a tuple or literal, give the first member that differs, with what it is on both sides."""
    copy, other = deviant.copy, reference.copy
    own, expected = deviant.term.single, reference.term.single
    if copy is None or other is None or own is None or expected is None or own.kind != expected.kind:
        return None
    if own.kind == "tuple" and len(own.parts) == len(expected.parts):
        for mine, theirs in zip(own.parts, expected.parts, strict=True):
            if isinstance(mine, str) or isinstance(theirs, str):
                continue
            if placed(state, copy, mine) != placed(state, other, theirs):
                step = next((known for known in copy.computation.steps if known.term == mine), None)
                if step in _lets(copy).values():  # bound as the other side has it: what differs is its place here
                    whole = whole_step(deviant, copy)
                    inside = [known for known in copy.computation.steps if known.term == mine and _within(known, whole)]
                    step = next(iter(inside), step)
                return None if step is None else (step, mine, theirs)
    if own.kind == "struct":
        for key, mine in zip(own.parts[2::2], own.parts[3::2], strict=True):
            theirs = equivalence.part(reference.term, str(key))
            if isinstance(mine, Term) and mine != theirs:
                step = next((known for known in copy.computation.steps if _initialises(known, str(key))), None)
                return None if step is None else (step, mine, theirs)
    return None


def _initialises(step: Step, key: str) -> bool:
    parent = step.node.parent
    field_node = parent.child_by_field_name("field") if parent is not None else None
    return (
        field_node is not None
        and parent is not None
        and parent.type == "field_initializer"
        and (step.file.text_of(field_node) == key)
    )


def _within(step: Step, whole: Step) -> bool:
    inside = whole.node.start_byte <= step.node.start_byte and step.node.end_byte <= whole.node.end_byte
    return step.file is whole.file and inside


def _chain_place(state: State, deviant: Voice, reference: Voice) -> Step | None:
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None or deviant.chains is None or reference.chains is None:
        return None
    own = scalars(state, copy, deviant.chains, named)
    expected = scalars(state, other, reference.chains, named)
    words = state.vocabulary(copy.tree)
    for chain, scalar in own.items():
        if expected.get(chain) == scalar:
            continue
        for step in copy.computation.steps:
            factor = layers.chains(step.term, words).get(chain)
            if factor is None:
                continue
            if chain and chain not in expected:
                return step
            if named(state, copy, factor) == scalar and (not chain or _is_arithmetic(state, step)):
                return step
    missing = expected.keys() - own.keys()
    return _last_bound(copy, deviant.term) if missing else None


def _last_bound(copy: Copy, term: Term) -> Step | None:
    """Give the last `let` that takes a value on as it is, where what is missing should have been added."""
    found = [step for step in copy.computation.steps if step.term == term and step.node.type == "identifier"]
    bound = [step for step in found if step.node.parent is not None and step.node.parent.type == "let_declaration"]
    return bound[-1] if bound else None


def _is_arithmetic(state: State, step: Step) -> bool:
    """Tell an operation of the equation from a call that only runs a layer."""
    if step.node.type in ("binary_expression", "compound_assignment_expr"):
        return True
    callee = step.node.child_by_field_name("function") if step.node.type == "call_expression" else None
    called = "" if callee is None else step.file.text_of(callee).rpartition(".")[2]
    return called in (state.params.linear.product, *state.params.operators)
