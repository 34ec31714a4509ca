"""Code that stands in two trees computes the same in both: scaling, zero start, forward, merge, count and defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import code_names, equivalence, liveness, markdown, rust
from pytest_mens.views.terms import Atom, Term, atom, atoms, rewrite
from pytest_mens.views.twins.equations import deviants, equations
from pytest_mens.views.twins.names import placed
from pytest_mens.views.twins.places import parting, whole_step
from pytest_mens.views.twins.state import State, Subject, field_names, item_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.equivalence import Step
    from pytest_mens.views.rust import RustFile
    from pytest_mens.views.twins.equations import Voice
    from pytest_mens.views.twins.state import Copy


@dataclass(frozen=True)
class Params(Subject):
    """Names of the rule's subject, beside what is compared.

    `zero` are initialisers that count as zero, `initialise` the methods that set one. `page` documents who owns what,
    in the table under `page_heading`, whose column `page_column` names code.
    """

    zero: tuple[str, ...]
    initialise: tuple[str, ...]
    page: str
    page_root: str
    page_heading: str
    page_column: str


@dataclass
class _State(State):
    """Everything read from one target."""

    params: Params


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


# --- comparing ------------------------------------------------------------------------------------------------------


def _differences(state: _State, page: markdown.Page | None) -> Iterator[Finding]:
    """Yield the copies that compute something else than the others."""
    for voices in equations(state):
        for deviant, reference in deviants(state, voices):
            if deviant.copy is not None and not _is_fork(state, page, deviant.copy.label):
                yield _difference(state, deviant, reference)


def _derived(state: _State, page: markdown.Page | None) -> Iterator[Finding]:
    """Yield the configurations that derive a default of zeros where another tree writes other values."""
    written = {copy.function.owner: copy for copy in state.copies if copy.function.owner in state.params.configs}
    for file in [file for files in state.files for file in files] if written else ():
        for item in rust.find(file, "struct_item"):
            config = item_name(file, item)
            other = written.get(config)
            if other is None or not _derives_default(file, item) or _is_fork(state, page, config):
                continue
            zero = [part for key in field_names(file, item) for part in (key, Term())]
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


def _derives_default(file: RustFile, item: Node) -> bool:
    return any(a.path == "derive" and re.search(r"\bDefault\b", a.args) for a in rust.attributes(file, item))


def _difference(state: _State, deviant: Voice, reference: Voice) -> Finding:
    copy, other = deviant.copy, reference.copy
    if copy is None or other is None:
        raise TypeError("only code deviates")
    whole, other_whole = whole_step(deviant, copy), whole_step(reference, other)
    at = parting(state, deviant, reference)
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


# --- the zero start ---------------------------------------------------------------------------------------------------


def _not_zero(state: _State) -> Iterator[Finding]:
    """Yield the constructors that do not start the up-projection at zero."""
    up = state.params.linear.up
    for copy, literal in state.built:
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


def _delegates(state: _State, copy: Copy) -> bool:
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


def _creation(copy: Copy, up: str) -> tuple[RustFile, Node]:
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


# --- the ownership page -----------------------------------------------------------------------------------------------


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


# --- notes and the change ---------------------------------------------------------------------------------------------


def _notes(state: _State) -> Iterator[Finding]:
    """Note copies that are equal today, and a namesake of the layer outside of the trees."""
    by_label: dict[str, list[Copy]] = {}
    for copy in state.copies:
        if copy.label in state.params.functions:
            by_label.setdefault(copy.label, []).append(copy)
    for label, found in by_label.items():
        first, *more = found
        if more and len({placed(state, copy, copy.computation.result).text for copy in found}) == 1:
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
                if item_name(file, item) == kind and liveness.is_production(state.target, file, item):
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
        fresh = next((step for step in copy.computation.steps if step.term not in known), None)
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


def _side(state: _State, copy: Copy) -> str:
    """Give the package of a copy: a shared module belongs to the tree of its package."""
    return state.specs[copy.tree].package


def _before(state: _State, copy: Copy, old: _State) -> Copy | None:
    """Give the copy as it was, when it computed something else."""
    before = [other for other in old.copies if (other.label, _side(old, other)) == (copy.label, _side(state, copy))]
    same = any(_body(state, copy) == _body(old, other) for other in before)
    return None if same or not before else before[0]


def _body(state: _State, copy: Copy) -> Term:
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
    for voices in equations(state):
        for deviant, reference in deviants(state, voices):
            found.update(voice.copy.label for voice in (deviant, reference) if voice.copy is not None)
    up = state.params.linear.up
    for copy, literal in state.built:
        value = equivalence.part(literal, up)
        if _is_created(value) and not _is_zero(value, state.params):
            found.add(copy.label)
    return frozenset(found)
