"""Code that stands in two trees computes the same in both: scaling, zero start, forward, merge, count and defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import cargo, cfg, code_names, equivalence, layers, liveness, markdown, modules, rust
from pytest_mens.views.terms import Atom, Term, atom, atoms, leaves, name, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.equivalence import Computation, Step
    from pytest_mens.views.rust import Function, RustFile


@dataclass(frozen=True)
class Tree:
    """A module (with `*` and `**`) of a package's library, all its files. `extensions` are layers it may add."""

    package: str
    module: str
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Linear:
    """The adapted layer: its type, its functions, its fields, and how the tensor library spells layers."""

    type: str
    forward: str
    merge: str
    count: str
    base: str
    down: str
    up: str
    scale: str
    weight: str
    apply: str
    product: str
    dimensions: str
    constructor: str


@dataclass(frozen=True)
class Params:
    """Names of the rule's subject.

    `shared` are further modules that belong to the trees. `functions` are free functions and `configs` types with
    defaults that stand in both. `zero` are initialisers that count as zero, `initialise` the methods that set one.
    `page` documents who owns what, in the table under `page_heading`, whose column `page_column` names code.
    """

    trees: tuple[Tree, ...]
    shared: tuple[Tree, ...]
    linear: Linear
    functions: tuple[str, ...]
    configs: tuple[str, ...]
    zero: tuple[str, ...]
    initialise: tuple[str, ...]
    transparent: tuple[str, ...]
    operators: dict[str, str]
    page: str
    page_root: str
    page_heading: str
    page_column: str


_DEFINING = re.compile(r"^[\w ]+=(?!=)")


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Compare what the trees have in common, look for the zero start, and read the ownership page."""
    state = _State(target, params)
    if len(state.present) < 2:
        found = ", ".join(f"{tree.package} {tree.module}" for tree in state.present) or "none"
        raise SubjectMissingError(f"fewer than two of the trees exist (found: {found})")
    if not state.copies:
        raise SubjectMissingError(f"the trees hold no `{params.linear.type}` and none of {', '.join(params.functions)}")
    reported: set[tuple[str, int, int]] = set()
    page = _page(state)
    for finding in (
        *_differences(state, page),
        *_derived(state, page),
        *_not_zero(state),
        *_stale(state, page),
        *_notes(state),
    ):
        place = (finding.path, finding.line, finding.column)
        if place not in reported:
            reported.add(place)
            yield finding
    if target.base is not None:
        yield from _change(state, _State(target.base, params), page)


# --- the trees ------------------------------------------------------------------------------------------------------


@dataclass
class _Copy:
    """One of the compared functions where it stands: `tree` is the index of its tree, shared modules come after."""

    tree: int
    label: str
    computation: Computation

    @property
    def function(self) -> Function:
        return self.computation.function

    @property
    def file(self) -> RustFile:
        return self.computation.function.file


@dataclass
class _State:
    """Everything read from one target."""

    target: Target
    params: Params
    present: list[Tree] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rules = equivalence.Rules(self.params.transparent, self.params.operators)
        self.specs = (*self.params.trees, *self.params.shared)
        self.files: list[list[RustFile]] = []
        for index, spec in enumerate(self.specs):
            placed = self.placed(spec)
            self.files.append([liveness.whole_file(self.target, path) for path in placed])
            if placed and index < len(self.params.trees):
                self.present.append(spec)

    def package(self, spec: Tree) -> Package | None:
        return cargo.workspace(self.target).packages.get(spec.package)

    def placed(self, spec: Tree) -> list[str]:
        """Give the live files of a module and of what is below it, as far as they can matter."""
        package = self.package(spec)
        if package is None:
            return []
        sources = list(self.target.glob(f"/{package.root}/**/*.rs".replace("//", "/")))
        words = (self.params.linear.type, *self.params.functions, *self.params.configs)
        last = spec.module.rpartition("::")[2]
        own = [path for path in sources if path.endswith((f"/{last}.rs", f"/{last}/mod.rs"))]
        candidates = sorted({*own, *self.target.containing([word.encode() for word in words], sources)})
        wanted = _module_pattern(spec.module)
        return [path for path in candidates if self.is_placed(package, path, wanted)]

    def is_placed(self, package: Package, path: str, wanted: re.Pattern[str]) -> bool:
        return any(
            place.target.kind == "lib"
            and place.package.name == package.name
            and not cfg.implies(place.cfg, cfg.Atom("test"))
            and wanted.fullmatch("::".join(place.module))
            for place in modules.placements(self.target, path)
        )

    @cached_property
    def functions(self) -> list[list[Function]]:
        """Give the functions of each tree that are no test code."""
        return [
            [f for file in files for f in rust.functions(file) if f.body and not rust.in_test_code(file, f.node)]
            for files in self.files
        ]

    @cached_property
    def copies(self) -> list[_Copy]:
        """Give every function in the trees that is compared, read."""
        found = []
        for tree, functions in enumerate(self.functions):
            for function in functions:
                if self.is_compared(function):
                    label = f"{function.owner}::{function.name}" if function.owner else function.name
                    found.append(_Copy(tree, label, self.read(tree, function)))
        return found

    def is_compared(self, function: Function) -> bool:
        if function.owner is None:
            return function.name in self.params.functions
        if function.owner in self.params.configs:
            return function.trait == "Default"
        return function.owner == self.params.linear.type and function.trait is None

    def read(self, tree: int, function: Function) -> Computation:
        return equivalence.compute(
            function,
            self.rules,
            lambda owner, called: self.helper(tree, owner, called),
            lambda key: self.const(tree, key),
        )

    def helper(self, tree: int, owner: str | None, called: str) -> Function | None:
        """Give a function of the trees by type and name, the own tree first. Running a layer stays a call."""
        if (owner, called) == (self.params.linear.type, self.params.linear.apply):
            return None
        for index in (tree, *(other for other in range(len(self.specs)) if other != tree)):
            for function in self.functions[index]:
                if (function.owner, function.name) == (owner, called):
                    return function
        return None

    @cached_property
    def constants(self) -> list[dict[str, tuple[RustFile, Node]]]:
        found: list[dict[str, tuple[RustFile, Node]]] = []
        for files in self.files:
            known: dict[str, tuple[RustFile, Node]] = {}
            for file in files:
                for item in rust.find(file, "const_item"):
                    key, value = item.child_by_field_name("name"), item.child_by_field_name("value")
                    if key is not None and value is not None:
                        known[file.text_of(key)] = (file, value)
            found.append(known)
        return found

    def const(self, tree: int, key: str) -> tuple[RustFile, Node] | None:
        if not key.isupper():
            return None
        known = next((found for found in (self.constants[tree], *self.constants) if key in found), {})
        return known.get(key)

    def vocabulary(self, tree: int) -> layers.Vocabulary:
        linear = self.params.linear
        return layers.Vocabulary(
            (linear.base, linear.down, linear.up),
            linear.weight,
            linear.apply,
            linear.product,
            self.specs[tree].extensions,
        )

    @cached_property
    def built(self) -> list[tuple[_Copy, Term]]:
        """Give the literals of the adapted layer that its functions build, with later assignments to their fields."""
        found: list[tuple[_Copy, Term]] = []
        for copy in self.copies:
            if copy.function.owner == self.params.linear.type:
                found.extend((copy, literal) for literal in _literals(copy.computation.result, self.params.linear.type))
        return found

    def constructors(self) -> Iterator[tuple[_Copy, Term]]:
        yield from self.built

    def built_with(self, tree: int, layer: str, index: int) -> Term | None:
        """Give the argument at `index` that a layer of the tree is built with, as far as it has a plain name."""
        for copy, literal in self.built:
            call = equivalence.part(literal, layer).single
            while call is not None and call.kind == "call" and call.parts[0] != self.params.linear.constructor:
                call = call.term(1).single if len(call.parts) > 1 else None
            if copy.tree != tree or call is None or call.kind != "call" or len(call.parts) <= index + 1:
                continue
            argument = call.term(index + 1)
            if not any(inner.kind == "element" for inner in atoms(argument)):
                return _named(self, copy, argument)
        return None

    @cached_property
    def config_fields(self) -> tuple[str, ...]:
        """Give the fields of the configuration types, longest name first."""
        found: set[str] = set()
        for files in self.files:
            for file in files:
                for item in rust.find(file, "struct_item"):
                    if _item_name(file, item) in self.params.configs:
                        found.update(_field_names(file, item))
        return tuple(sorted(found, key=lambda key: (-len(key), key)))


def _literals(result: Term, label: str) -> list[Term]:
    """Give the outermost literals of a type in `result`, wrapped in the updates made to them."""
    found: list[Term] = []
    inside: set[str] = set()
    for a in atoms(result):
        core = a
        while core.kind == "update":
            base = core.term(0).single
            if base is None:
                break
            core = base
        if core.kind == "struct" and core.parts[0] == label and a.text not in inside:
            found.append(atom(a.kind, *a.parts))
            inner: Atom | None = a
            while inner is not None and inner.kind == "update":
                inner = inner.term(0).single
                inside.update([] if inner is None else [inner.text])
    return found


def _module_pattern(module: str) -> re.Pattern[str]:
    """Give a regex for a module path and everything below it."""
    parts = []
    for part in module.split("::"):
        inner = re.escape(part).replace(r"\*", "[^:]*")
        parts.append("(?:[^:]+::)*" if part == "**" else f"{inner}::")
    return re.compile("".join(parts).removesuffix("::") + "(?:::.*)?")


# --- comparing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Voice:
    """One statement of an equation: by code, or (without `copy`) by a formula in a rustdoc.

    Voices that share a key say the same. `chains` is set where the equation is a map of layers.
    """

    tree: int
    keys: frozenset[str]
    topic: str = ""
    copy: _Copy | None = None
    term: Term = field(default_factory=Term)
    chains: layers.Chains | None = None


def _differences(state: _State, page: markdown.Page | None) -> Iterator[Finding]:
    """Yield the copies that compute something else than the others."""
    for voices in _equations(state):
        for deviant, reference in _deviants(state, voices):
            if deviant.copy is not None and not _is_fork(state, page, deviant.copy.label):
                yield _difference(state, deviant, reference)


def _equations(state: _State) -> Iterator[list[_Voice]]:
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


def _scales(state: _State) -> Iterator[_Voice]:
    scale = state.params.linear.scale
    for copy, literal in state.constructors():
        value = equivalence.part(literal, scale)
        if value != atom("field", literal, scale):
            keys = {_named(state, copy, value).text, _renamed(state, copy, value).text}
            yield _Voice(copy.tree, frozenset(keys), "scaling", copy, value)


def _maps(state: _State) -> Iterator[_Voice]:
    linear = state.params.linear
    for copy in state.copies:
        value = None
        if copy.label == f"{linear.type}::{linear.forward}":
            value = copy.computation.result
        elif copy.label == f"{linear.type}::{linear.merge}":
            value = _merged_weight(copy.computation.result, linear)
        if value is not None:
            found = layers.chains(value, state.vocabulary(copy.tree))
            keys = {layers.shown(_scalars(state, copy, found, reading)) for reading in (_named, _resolved)}
            topic = "merge" if copy.function.name == linear.merge else "forward"
            yield _Voice(copy.tree, frozenset(keys), topic, copy, value, found)


def _scalars(
    state: _State, copy: _Copy, found: layers.Chains, reading: Callable[[_State, _Copy, Term], Term]
) -> layers.Chains:
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


def _values(state: _State, label: str, topic: str) -> Iterator[_Voice]:
    for copy in state.copies:
        if copy.label == label:
            value = copy.computation.result
            keys = {_named(state, copy, value).text, _placed(state, copy, value).text}
            yield _Voice(copy.tree, frozenset(keys), topic, copy, value)


def _defaults(state: _State, config: str) -> Iterator[_Voice]:
    for copy in state.copies:
        if copy.function.owner == config:
            value = copy.computation.result
            yield _Voice(copy.tree, frozenset({value.text}), "default", copy, value)


def _derived(state: _State, page: markdown.Page | None) -> Iterator[Finding]:
    """Yield the configurations that derive a default of zeros where another tree writes other values."""
    written = {copy.function.owner: copy for copy in state.copies if copy.function.owner in state.params.configs}
    for file in [file for files in state.files for file in files] if written else ():
        for item in rust.find(file, "struct_item"):
            config = _item_name(file, item)
            other = written.get(config)
            if other is None or not _derives_default(file, item) or _is_fork(state, page, config):
                continue
            zero = [part for key in _field_names(file, item) for part in (key, Term())]
            if other.computation.result != atom("struct", config, Term(), *zero):
                place = item.child_by_field_name("name") or item
                yield Finding(
                    file.path,
                    f"default of `{config}` is derived, all zero, unlike the one written out elsewhere",
                    *file.position(place),
                    file.end_position(place),
                    help="re-export the other type, or give both the same default",
                    related=(
                        Related(other.file.path, *other.file.position(other.function.node), "the default written out"),
                    ),
                )


def _item_name(file: RustFile, item: Node) -> str:
    key = item.child_by_field_name("name")
    return "" if key is None else file.text_of(key)


def _derives_default(file: RustFile, item: Node) -> bool:
    return any(a.path == "derive" and re.search(r"\bDefault\b", a.args) for a in rust.attributes(file, item))


def _field_names(file: RustFile, item: Node) -> list[str]:
    return sorted(_item_name(file, node) for node in rust.walk(item, "field_declaration"))


def _deviants(state: _State, voices: list[_Voice]) -> Iterator[tuple[_Voice, _Voice]]:
    """Give each code that says something else than the rest, with one that speaks for the rest.

    Formulas in rustdoc decide, then the number of trees, then the shared module, which is the home of what it holds,
    then the number of copies; when nothing does, each deviates.
    """
    groups: list[list[_Voice]] = []
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


def _weight(state: _State, group: list[_Voice]) -> tuple[int, int, bool, int]:
    code = [voice for voice in group if voice.copy]
    at_home = any(voice.tree >= len(state.params.trees) for voice in code)
    return len(group) - len(code), len({voice.tree for voice in code}), at_home, len(code)


def _difference(state: _State, deviant: _Voice, reference: _Voice) -> Finding:
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None:
        raise TypeError("only code deviates")
    whole, other_whole = _whole(deviant, copy), _whole(reference, other)
    at = _place(state, deviant, reference)
    line, column = at.file.position(at.node)
    return Finding(
        at.file.path,
        f"{deviant.topic} of `{copy.label}` in {state.specs[copy.tree].package} is `{_quoted(whole)}`, "
        f"unlike `{other.label}` in {state.specs[other.tree].package}",
        line,
        column,
        at.file.end_position(at.node),
        help="make both compute the same or let one re-export the other; of an intended fork, "
        f"{state.params.page} names the item and a test",
        related=(
            Related(
                other_whole.file.path,
                *other_whole.file.position(other_whole.node),
                f"{reference.topic} here is `{_quoted(other_whole)}`",
            ),
        ),
    )


def _quoted(step: Step) -> str:
    text = " ".join(step.file.text_of(step.node).split())
    return text if len(text) <= 80 else text[:77] + "..."


# --- where the difference stands ------------------------------------------------------------------------------------


def _whole(voice: _Voice, copy: _Copy) -> Step:
    """Give the first step that computes all of what is compared."""
    found = copy.computation.first(
        lambda step: step.term == voice.term and step.node.type not in ("identifier", "self")
    )
    return found or equivalence.Step(copy.file, copy.function.body or copy.function.node, voice.term)


def _place(state: _State, deviant: _Voice, reference: _Voice) -> Step:
    """Give the step at which `deviant` parts from `reference`."""
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None:
        raise TypeError("only code deviates")
    if deviant.chains is not None and reference.chains is not None:
        return _chain_place(state, deviant, reference) or _whole(deviant, copy)
    whole, own, expected = (
        _let(state, deviant, reference)
        or _member(state, deviant, reference)
        or (_whole(deviant, copy), deviant.term, reference.term)
    )
    foreign = leaves(_named(state, copy, own)) - leaves(_named(state, other, expected))
    if not foreign:
        return _mended(state, deviant, reference, whole) or whole
    steps = sorted(copy.computation.steps, key=lambda step: not _within(step, whole))
    for step in steps:
        single = _named(state, copy, step.term).single
        if single is not None and single.text in foreign:
            return step
    return whole


def _mended(state: _State, deviant: _Voice, reference: _Voice, whole: Step) -> Step | None:
    """Give the step of one atom that, were it what stands in its place in `reference`, would leave no difference."""
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None:
        return None
    expected = _named(state, other, reference.term)
    wanted = sorted(atoms(expected), key=lambda a: a.text)
    for step in copy.computation.steps:
        single = step.term.single
        if single is None or single.kind in ("param", "name", "update", "struct", "tuple") or step is whole:
            continue
        for leaf in wanted:
            by = atom(leaf.kind, *leaf.parts)
            mended = rewrite(deviant.term, lambda a, it=single, by=by: by if a == it else None)  # type: ignore[misc]
            if _named(state, copy, mended) == expected:
                return step
    return None


def _lets(copy: _Copy) -> dict[str, Step]:
    """Give the values that a function binds to plain names."""
    found: dict[str, Step] = {}
    for step in copy.computation.steps:
        parent = step.node.parent
        if parent is not None and parent.type == "let_declaration" and parent.child_by_field_name("value") == step.node:
            pattern = parent.child_by_field_name("pattern")
            if pattern is not None and step.file is copy.file:
                found.setdefault(copy.file.text_of(pattern), step)
    return found


def _let(state: _State, deviant: _Voice, reference: _Voice) -> tuple[Step, Term, Term] | None:
    """Of two whole results, give the first value that differs under the same name, with what it is on both sides."""
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None or deviant.term != copy.computation.result:
        return None
    theirs = _lets(other)
    for key, step in _lets(copy).items():
        if key in theirs and _placed(state, copy, step.term) != _placed(state, other, theirs[key].term):
            return step, step.term, theirs[key].term
    return None


def _member(state: _State, deviant: _Voice, reference: _Voice) -> tuple[Step, Term, Term] | None:
    """Of a tuple or literal, give the first member that differs, with what it is on both sides."""
    copy, other = deviant.copy, reference.copy
    own, expected = deviant.term.single, reference.term.single
    if copy is None or other is None or own is None or expected is None or own.kind != expected.kind:
        return None
    if own.kind == "tuple" and len(own.parts) == len(expected.parts):
        for mine, theirs in zip(own.parts, expected.parts, strict=True):
            if isinstance(mine, str) or isinstance(theirs, str):
                continue
            if _placed(state, copy, mine) != _placed(state, other, theirs):
                step = copy.computation.first(lambda step, wanted=mine: step.term == wanted)  # type: ignore[misc]
                if step in _lets(copy).values():  # bound as the other side has it: what differs is its place here
                    whole = _whole(deviant, copy)
                    inside = [known for known in copy.computation.steps if known.term == mine and _within(known, whole)]
                    step = next(iter(inside), step)
                return None if step is None else (step, mine, theirs)
    if own.kind == "struct":
        for key, mine in zip(own.parts[2::2], own.parts[3::2], strict=True):
            theirs = equivalence.part(reference.term, str(key))
            if isinstance(mine, Term) and mine != theirs:
                step = copy.computation.first(lambda step, key=key: _initialises(step, str(key)))  # type: ignore[misc]
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


def _chain_place(state: _State, deviant: _Voice, reference: _Voice) -> Step | None:
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None or deviant.chains is None or reference.chains is None:
        return None
    own = _scalars(state, copy, deviant.chains, _named)
    expected = _scalars(state, other, reference.chains, _named)
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
            if _named(state, copy, factor) == scalar and (not chain or _is_arithmetic(state, step)):
                return step
    missing = expected.keys() - own.keys()
    return _last_bound(copy, deviant.term) if missing else None


def _last_bound(copy: _Copy, term: Term) -> Step | None:
    """Give the last `let` that takes a value on as it is, where what is missing should have been added."""
    found = [step for step in copy.computation.steps if step.term == term and step.node.type == "identifier"]
    bound = [step for step in found if step.node.parent is not None and step.node.parent.type == "let_declaration"]
    return bound[-1] if bound else None


def _is_arithmetic(state: _State, step: Step) -> bool:
    """Tell an operation of the equation from a call that only runs a layer."""
    if step.node.type in ("binary_expression", "compound_assignment_expr"):
        return True
    callee = step.node.child_by_field_name("function") if step.node.type == "call_expression" else None
    called = "" if callee is None else step.file.text_of(callee).rpartition(".")[2]
    return called in (state.params.linear.product, *state.params.operators)


# --- names that both sides share ------------------------------------------------------------------------------------


def _named(state: _State, copy: _Copy, term: Term) -> Term:
    """Call fields and parameters by their names, and a dimension of a layer by what the layer was made with."""
    return rewrite(term, lambda a: _plain_name(state, copy, a))


def _plain_name(state: _State, copy: _Copy, a: Atom) -> Term | None:
    if a.kind == "param":
        parameter = copy.computation.parameters[int(str(a.parts[0]))]
        return name(parameter.name) if _is_primitive(parameter.type) else None
    if a.kind == "field":
        base = a.term(0).single
        if base is not None and (base == Atom("name", ("self",)) or base.kind == "param"):
            return name(str(a.parts[1]))
    return _dimension(state, copy, a) if a.kind == "element" else None


def _dimension(state: _State, copy: _Copy, a: Atom) -> Term | None:
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
    return state.built_with(copy.tree, str(layer.parts[0]), index)


def _resolved(state: _State, copy: _Copy, term: Term) -> Term:
    """As `_named`, with the scale replaced by what the constructors of the tree make it."""
    scale = state.params.linear.scale
    made = next((voice for voice in _scales(state) if voice.tree == copy.tree), None)
    if made is None or made.copy is None:
        return _named(state, copy, term)
    value = _named(state, made.copy, made.term)
    return rewrite(_named(state, copy, term), lambda a: value if a == Atom("name", (scale,)) else None)


def _renamed(state: _State, copy: _Copy, term: Term) -> Term:
    """As `_named`, with a plain parameter called by the configuration field that its name resembles."""
    fields = state.config_fields
    spelt = {p.name: next((f for f in fields if _resemble(p.name, f)), p.name) for p in copy.computation.parameters}

    def change(a: Atom) -> Term | None:
        return name(spelt[str(a.parts[0])]) if a.kind == "name" and a.parts[0] in spelt else None

    return rewrite(_named(state, copy, term), change)


def _resemble(parameter: str, key: str) -> bool:
    return key in parameter or (len(parameter) == 1 and key.startswith(parameter))


def _placed(state: _State, copy: _Copy, term: Term) -> Term:
    """As `_named`, with plain parameters called by their position."""
    return _at_positions(_named(state, copy, term), [parameter.name for parameter in copy.computation.parameters])


def _at_positions(term: Term, parameters: list[str]) -> Term:
    positions = {key: str(index) for index, key in enumerate(parameters)}

    def change(a: Atom) -> Term | None:
        known = a.kind == "name" and a.parts[0] in positions
        return atom("param", positions[str(a.parts[0])]) if known else None

    return rewrite(term, change)


def _is_primitive(kind: str) -> bool:
    return kind[:1].islower()


# --- formulas in rustdoc --------------------------------------------------------------------------------------------


def _documented(state: _State, names: tuple[str, ...], read: Callable[[_State, Term], str]) -> Iterator[_Voice]:
    """Give the formulas that the rustdoc of the named types and functions states, each once a tree."""
    for tree, files in enumerate(state.files):
        found: set[frozenset[str]] = set()
        for file in files:
            for item in rust.find(file, "struct_item", "field_declaration", "function_item"):
                owner = rust.enclosing(item, "struct_item") if item.type == "field_declaration" else item
                if owner is None or _item_name(file, owner) not in names or rust.in_test_code(file, item):
                    continue
                for formula in _formulas(state, file, item):
                    placed = _at_positions(formula, _parameter_names(file, item))
                    found.add(frozenset({read(state, formula), read(state, placed)}))
        yield from (_Voice(tree, keys) for keys in sorted(found, key=sorted))


def _parameter_names(file: RustFile, item: Node) -> list[str]:
    listed = item.child_by_field_name("parameters")
    nodes = [] if listed is None else [node for node in listed.named_children if node.type == "parameter"]
    patterns = [node.child_by_field_name("pattern") for node in nodes]
    return ["" if node is None else file.text_of(node).removeprefix("mut ") for node in patterns]


def _formulas(state: _State, file: RustFile, item: Node) -> Iterator[Term]:
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


def _as_term(state: _State, formula: Term) -> str:
    del state
    return formula.text


def _as_map(state: _State, formula: Term) -> str:
    words = state.vocabulary(0)

    def as_input(a: Atom) -> Term | None:
        if a.kind != "call" or a.parts[0] not in words.layers or len(a.parts) != 2:
            return None
        single = a.term(1).single
        return atom("call", *a.parts[:1], atom("param", "0")) if single is not None and single.kind == "name" else None

    return layers.shown(layers.chains(rewrite(formula, as_input), words))


# --- the zero start -------------------------------------------------------------------------------------------------


def _not_zero(state: _State) -> Iterator[Finding]:
    """Yield the constructors that do not start the up-projection at zero."""
    up = state.params.linear.up
    for copy, literal in state.constructors():
        value = equivalence.part(literal, up)
        if value == atom("field", literal, up) or not _is_created(value) or _is_zero(value, state.params):
            continue
        if _delegates(state, copy):
            continue  # the constructor that builds it has the finding
        file, node = _creation(copy, up)
        line, column = file.position(node)
        yield Finding(
            file.path,
            f"`{up}` of `{copy.label}` is created without a zero initialiser",
            line,
            column,
            file.end_position(node),
            help=f"add `.{state.params.initialise[0]}({state.params.zero[0]})`: "
            "with a zero start the model equals its base before training",
        )


def _delegates(state: _State, copy: _Copy) -> bool:
    """Tell whether a constructor builds nothing itself and calls another one of the layer."""
    file, body, kind = copy.file, copy.function.body or copy.function.node, state.params.linear.type
    names = {file.text_of(node) for node in rust.walk(body, "struct_expression") if node.child_count}
    if any(re.match(rf"(?:Self|(?:\w+::)*{re.escape(kind)})\b[^:]", text) for text in names):
        return False
    known = {other.function.name for other in state.copies if other.function.owner == kind}
    made = (call.callee.split("::")[-2:] for call in rust.calls(file, body) if "::" in call.callee)
    return any(owner in ("Self", kind) and called in known for owner, called in made)


def _is_created(value: Term) -> bool:
    return any(a.kind in ("call", "struct", "macro", "apply") for a in atoms(value))


def _is_zero(value: Term, params: Params) -> bool:
    """Tell whether the last initialiser that is set is a zero one."""
    single = value.single
    if single is not None and single.kind == "if":
        return all(_is_zero(single.term(branch), params) for branch in (1, 2))
    if single is not None and single.kind == "update":
        changed = single.term(2)
        return (
            _names_zero(changed, params)
            if single.parts[1] == params.linear.weight
            else _is_zero(single.term(0), params)
        )
    while single is not None and single.kind == "call" and len(single.parts) > 1:
        if single.parts[0] in params.initialise:
            return len(single.parts) > 2 and _names_zero(single.term(2), params)
        single = single.term(1).single
    return _names_zero(value, params)


def _names_zero(value: Term, params: Params) -> bool:
    single = value.single
    if single is not None and single.kind == "if":
        return all(_names_zero(single.term(branch), params) for branch in (1, 2))
    for a in atoms(value):
        label = str(a.parts[0]) if a.kind in ("name", "call") and a.parts else ""
        if any(
            label == zero or label.endswith(f"::{zero}") or zero.endswith(f"::{label}") for zero in params.zero if label
        ):
            return True
        if a.kind == "struct" and len(a.parts) > 2 and all(part == Term() for part in a.parts[1::2]):
            return True  # `Initializer::Constant { value: 0.0 }`
    return False


def _creation(copy: _Copy, up: str) -> tuple[RustFile, Node]:
    """Give the `let` or field initialiser that makes the up-projection."""
    body = copy.function.body or copy.function.node
    file, bound = copy.file, up
    for node in rust.walk(body, "field_initializer"):
        key, value = node.child_by_field_name("field"), node.child_by_field_name("value")
        if key is not None and file.text_of(key) == up and value is not None:
            if value.type != "identifier":
                return file, node
            bound = file.text_of(value)
    for node in rust.walk(body, "let_declaration"):
        pattern = node.child_by_field_name("pattern")
        if pattern is not None and file.text_of(pattern).removeprefix("mut ") == bound:
            return file, node
    return file, copy.function.node.child_by_field_name("name") or copy.function.node


# --- the ownership page ---------------------------------------------------------------------------------------------


def _page(state: _State) -> markdown.Page | None:
    prefix = f"{state.params.page_root}/"
    found = [path for path in markdown.named(state.target, state.params.page) if path.startswith(prefix)]
    return markdown.page(state.target, min(found, key=lambda path: (path.count("/"), path))) if found else None


def _stale(state: _State, page: markdown.Page | None) -> Iterator[Finding]:
    """Yield the missing page, a missing table, and the code its table names that is nowhere."""
    params = state.params
    if page is None:
        yield Finding(
            params.page_root,
            f"the ownership page {params.page} does not exist",
            help="say there which tree owns what, in a table of crates and files",
        )
        return
    tables = [
        table
        for table in page.of("table")
        if any(heading.plain.text.strip().casefold() == params.page_heading.casefold() for heading in table.headings)
    ]
    if not tables:
        yield Finding(page.path, f"the page has no table under a heading `{params.page_heading}`")
    for table in tables:
        for inline in code_names.unresolved(state.target, table, params.page_column):
            yield Finding(
                page.path,
                f"`{inline.text}` is neither a file nor a module nor a pattern that matches one",
                *inline.place,
                inline.end_place,
                help="name the file or module that holds the code now",
            )


def _is_fork(state: _State, page: markdown.Page | None, label: str) -> bool:
    """Tell whether the page names the item together with a test that exists."""
    if page is None:
        return False
    names = {label, label.rpartition("::")[2]}
    for block in page.of("paragraph", "item", "row"):
        texts = {
            inline.text.removesuffix("()")
            for inner in block.walk()
            for inline in inner.inlines
            if inline.kind == "code"
        }
        if texts & names and any(_is_test(state, text) for text in sorted(texts - names)):
            return True
    return False


def _is_test(state: _State, text: str) -> bool:
    key = text.rpartition("::")[2]
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", key):
        return False
    for path in state.target.containing([f"fn {key}".encode()], state.target.glob("*.rs")):
        file = rust.file(state.target, path)
        if any(f.name == key and rust.is_test(file, f.node) for f in rust.functions(file)):
            return True
    return False


# --- notes and the change -------------------------------------------------------------------------------------------


def _notes(state: _State) -> Iterator[Finding]:
    """Note copies that are equal today, and a namesake of the layer outside of the trees."""
    by_label: dict[str, list[_Copy]] = {}
    for copy in state.copies:
        if copy.label in state.params.functions:
            by_label.setdefault(copy.label, []).append(copy)
    for label, found in by_label.items():
        first, *more = found
        if more and len({_placed(state, copy, copy.computation.result).text for copy in found}) == 1:
            node = first.function.node.child_by_field_name("name") or first.function.node
            other = more[0].function.node.child_by_field_name("name") or more[0].function.node
            yield Finding(
                first.file.path,
                f"`{label}` stands twice and computes the same; one could re-export the other",
                *first.file.position(node),
                related=(Related(more[0].file.path, *more[0].file.position(other), "the other copy"),),
                level="note",
            )
    yield from _namesakes(state)


def _namesakes(state: _State) -> Iterator[Finding]:
    kind = state.params.linear.type
    inside = {file.path for files in state.files for file in files}
    packages = [package for spec in state.specs if (package := state.package(spec)) is not None]
    for root in sorted({package.root for package in packages}):
        sources = [path for path in state.target.glob(f"/{root}/src/**/*.rs") if path not in inside]
        for path in state.target.containing([f"struct {kind}".encode()], sources):
            file = rust.file(state.target, path)
            for item in rust.find(file, "struct_item"):
                if _item_name(file, item) == kind and liveness.is_production(state.target, file, item):
                    yield Finding(
                        path, f"another `{kind}` stands outside of the trees", *file.position(item), level="note"
                    )


def _change(state: _State, old: _State, page: markdown.Page | None) -> Iterator[Finding]:
    """Report a body that this change altered in one tree, while the other tree and the page stayed as they were."""
    if len(old.present) < 2:
        return
    altered = [(copy, before) for copy in state.copies if (before := _before(state, copy, old)) is not None]
    sides = {_side(state, copy) for copy, _ in altered}
    if len(sides) != 1 or _page_changed(page, _page(old)):
        return
    moved = _disputed(state) ^ _disputed(old)
    for copy, before in altered:
        if copy.label in moved:
            continue  # reported as a difference, or brought together by this change
        known = {step.term for step in before.computation.steps}
        fresh = copy.computation.first(lambda step, known=known: step.term not in known)  # type: ignore[misc]
        place = fresh or equivalence.Step(copy.file, copy.function.node, copy.computation.result)
        others = [other for other in state.copies if other.label == copy.label and _side(state, other) not in sides]
        yield Finding(
            place.file.path,
            f"`{copy.label}` was changed in {_side(state, copy)} alone",
            *place.file.position(place.node),
            help=f"change the other tree too, or say in {state.params.page} why they differ and which test holds it",
            related=tuple(
                Related(other.file.path, *other.file.position(other.function.node), "the untouched copy")
                for other in others
            ),
        )


def _page_changed(page: markdown.Page | None, before: markdown.Page | None) -> bool:
    texts = [None if found is None else found.source.split() for found in (page, before)]
    return texts[0] != texts[1]


def _side(state: _State, copy: _Copy) -> str:
    """Give the package of a copy: a shared module belongs to the tree of its package."""
    return state.specs[copy.tree].package


def _before(state: _State, copy: _Copy, old: _State) -> _Copy | None:
    """Give the copy as it was, when it computed something else."""
    before = [other for other in old.copies if (other.label, _side(old, other)) == (copy.label, _side(state, copy))]
    same = any(_body(state, copy) == _body(old, other) for other in before)
    return None if same or not before else before[0]


def _body(state: _State, copy: _Copy) -> Term:
    """Give all that a function computes, allowed extensions left out."""
    extensions = state.specs[copy.tree].extensions
    words = state.vocabulary(copy.tree)

    def change(a: Atom) -> Term | None:
        if a.kind == "struct":
            kept = [x for k, v in zip(a.parts[2::2], a.parts[3::2], strict=True) if k not in extensions for x in (k, v)]
            return atom("struct", *a.parts[:2], *kept)
        if a.kind == "call" and a.parts[0] == words.apply and len(a.parts) == 3:
            layer = a.term(1).single
            if layer is not None and layer.kind == "field" and layer.parts[1] in extensions:
                return a.term(2)
        return None

    return rewrite(copy.computation.result, change)


def _disputed(state: _State) -> frozenset[str]:
    """Give the items that differ between the copies or do not start at zero."""
    found: set[str] = set()
    for voices in _equations(state):
        for deviant, reference in _deviants(state, voices):
            found.update(voice.copy.label for voice in (deviant, reference) if voice.copy is not None)
    up = state.params.linear.up
    for copy, literal in state.constructors():
        value = equivalence.part(literal, up)
        if _is_created(value) and not _is_zero(value, state.params):
            found.add(copy.label)
    return frozenset(found)
