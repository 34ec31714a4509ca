"""The equations that copies must agree on: scaling, the map of a layer, its count, results and defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_mens.views import equivalence, layers, rust
from pytest_mens.views.terms import Atom, Term, atom, atoms, leaves, name, rewrite
from pytest_mens.views.twins.names import at_positions, named, placed, renamed
from pytest_mens.views.twins.state import item_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from pytest_mens.views.rust import RustFile
    from pytest_mens.views.twins.state import Copy, Linear, State

_DEFINING = re.compile(r"^[\w ]+=(?!=)")


@dataclass(frozen=True)
class Voice:
    """One statement of an equation: by code, or (without `copy`) by a formula in a rustdoc.

    Voices that share a key say the same. `chains` is set where the equation is a map of layers.
    """

    tree: int
    keys: frozenset[str]
    topic: str = ""
    copy: Copy | None = None
    term: Term = field(default_factory=Term)
    chains: layers.Chains | None = None


def equations(state: State) -> Iterator[list[Voice]]:
    """Give the statements that must agree, one list for each equation."""
    linear, params = state.params.linear, state.params
    yield [*_scales(state), *_documented(state, (linear.type, *params.configs), _as_term)]
    yield [*_maps(state), *_documented(state, (linear.type, linear.forward), _as_map)]
    yield [
        *_values(state, f"{linear.type}::{linear.count}", "parameter count"),
        *_documented(state, (linear.count,), _as_term),
    ]
    for label in params.functions:
        yield list(_values(state, label, "result"))
    for config in params.configs:
        yield list(_defaults(state, config))


def _scales(state: State) -> Iterator[Voice]:
    scale = state.params.linear.scale
    for copy, literal in state.built:
        value = equivalence.part(literal, scale)
        if value != atom("field", literal, scale):
            keys = {named(state, copy, value).text, renamed(state, copy, value).text}
            yield Voice(copy.tree, frozenset(keys), "scaling", copy, value)


def _maps(state: State) -> Iterator[Voice]:
    linear = state.params.linear
    for copy in state.copies:
        value = None
        if copy.label == f"{linear.type}::{linear.forward}":
            value = copy.computation.result
        elif copy.label == f"{linear.type}::{linear.merge}":
            value = _merged_weight(copy.computation.result, linear)
        if value is not None:
            found = layers.chains(value, state.vocabulary(copy.tree))
            keys = {layers.shown(scalars(state, copy, found, reading)) for reading in (named, _resolved)}
            topic = "merge" if copy.function.name == linear.merge else "forward"
            yield Voice(copy.tree, frozenset(keys), topic, copy, value, found)


def scalars(
    state: State, copy: Copy, found: layers.Chains, reading: Callable[[State, Copy, Term], Term]
) -> layers.Chains:
    """Give the map with its factors in names that copies share."""
    return {chain: reading(state, copy, scalar) for chain, scalar in found.items()}


def _merged_weight(result: Term, linear: Linear) -> Term | None:
    """Give the weight of the layer that a merge gives back."""
    for a in atoms(result):
        if a.kind in ("update", "struct"):
            whole = atom(a.kind, *a.parts)
            value = equivalence.part(whole, linear.weight)
            if value != atom("field", whole, linear.weight):
                return value
    kept = result.single
    while kept is not None and kept.kind == "do":
        result = kept.term(-1)
        kept = result.single
    is_layer = kept is not None and kept.kind == "field" and kept.term(0) == name("self")
    return atom("field", result, linear.weight) if is_layer else None


def _values(state: State, label: str, topic: str) -> Iterator[Voice]:
    for copy in state.copies:
        if copy.label == label:
            value = copy.computation.result
            keys = {named(state, copy, value).text, placed(state, copy, value).text}
            yield Voice(copy.tree, frozenset(keys), topic, copy, value)


def _defaults(state: State, config: str) -> Iterator[Voice]:
    for copy in state.copies:
        if copy.function.owner == config:
            value = copy.computation.result
            yield Voice(copy.tree, frozenset({value.text}), "default", copy, value)


def deviants(state: State, voices: list[Voice]) -> Iterator[tuple[Voice, Voice]]:
    """Give each code that says something else than the rest, with one that speaks for the rest.

    Formulas in rustdoc decide, then the number of trees, then the shared module, which is the home of what it holds,
    then the number of copies; when nothing does, each deviates.
    """
    groups: list[list[Voice]] = []
    for voice in voices:
        home = next((group for group in groups if group[0].keys & voice.keys), None)
        if home is None:
            groups.append([voice])
        else:
            home.append(voice)
    spoken = [group for group in groups if any(voice.copy for voice in group)]
    best = max((_weight(state, group) for group in spoken), default=None)
    leading = [group for group in spoken if _weight(state, group) == best]
    for group in spoken:
        if leading == [group] or len(spoken) < 2:
            continue
        other = next(found for found in (*leading, *spoken) if found is not group)
        reference = next(voice for voice in other if voice.copy)
        yield from ((voice, reference) for voice in group if voice.copy)


def _weight(state: State, group: list[Voice]) -> tuple[int, int, bool, int]:
    code = [voice for voice in group if voice.copy]
    at_home = any(voice.tree >= len(state.params.trees) for voice in code)
    return len(group) - len(code), len({voice.tree for voice in code}), at_home, len(code)


def _resolved(state: State, copy: Copy, term: Term) -> Term:
    """As `named`, with the scale replaced by what the constructors of the tree make it."""
    scale = state.params.linear.scale
    made = next((voice for voice in _scales(state) if voice.tree == copy.tree), None)
    if made is None or made.copy is None:
        return named(state, copy, term)
    value = named(state, made.copy, made.term)
    return rewrite(named(state, copy, term), lambda a: value if a == Atom("name", (scale,)) else None)


# --- formulas in rustdoc ----------------------------------------------------------------------------------------------


def _documented(state: State, names: tuple[str, ...], read: Callable[[State, Term], str]) -> Iterator[Voice]:
    """Give the formulas that the rustdoc of the named types and functions states, each once a tree."""
    for tree, files in enumerate(state.files):
        found: set[frozenset[str]] = set()
        for file in files:
            for item in rust.find(file, "struct_item", "field_declaration", "function_item"):
                owner = rust.enclosing(item, "struct_item") if item.type == "field_declaration" else item
                if owner is None or item_name(file, owner) not in names or rust.in_test_code(file, item):
                    continue
                for formula in _formulas(state, file, item):
                    placed = at_positions(formula, _parameter_names(file, item))
                    found.add(frozenset({read(state, formula), read(state, placed)}))
        yield from (Voice(tree, keys) for keys in sorted(found, key=sorted))


def _parameter_names(file: RustFile, item: Node) -> list[str]:
    listed = item.child_by_field_name("parameters")
    nodes = [] if listed is None else [node for node in listed.named_children if node.type == "parameter"]
    patterns = [node.child_by_field_name("pattern") for node in nodes]
    return ["" if node is None else file.text_of(node).removeprefix("mut ") for node in patterns]


def _formulas(state: State, file: RustFile, item: Node) -> Iterator[Term]:
    """Give the formulas in a rustdoc. Beside `count = a * b + c`, one of the same names is there for comparison."""
    text = "\n".join(comment.text for comment in rust.docs(file, item))
    found: list[tuple[bool, Term]] = []
    for span in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text):
        formula = _DEFINING.sub("", span).strip()
        if re.search(r"[-+*/(]", formula):
            parsed = rust.parse(f"fn f() {{ let _ = {formula}; }}", file.path)
            let = next(iter(rust.walk(parsed.root, "let_declaration")), None)
            value = None if let is None or parsed.root.has_error else let.child_by_field_name("value")
            if value is not None:
                found.append((formula != span, equivalence.expression(parsed, value, state.rules)))
    defining = [term for defines, term in found if defines]
    for defines, term in found:
        if defines or not any(leaves(term) < leaves(other) for other in defining):
            yield term


def _as_term(state: State, formula: Term) -> str:
    del state
    return formula.text


def _as_map(state: State, formula: Term) -> str:
    words = state.vocabulary(0)

    def as_input(a: Atom) -> Term | None:
        if a.kind != "call" or a.parts[0] not in words.layers or len(a.parts) != 2:
            return None
        single = a.term(1).single
        return atom("call", *a.parts[:1], atom("param", "0")) if single is not None and single.kind == "name" else None

    return layers.shown(layers.chains(rewrite(formula, as_input), words))
