"""No attention that uses RoPE is merged silently into a static attention: a guard dominates, and the docs say so."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import cargo, cfg, dominance, liveness, rust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.rust import Function, RustFile


@dataclass(frozen=True)
class Params:
    """Names of the rule's subject.

    `flags` are fields (with `*`) that make a struct one that uses RoPE, `methods` calls on one of `projections` that
    do. `static_types` cannot express RoPE. `fields` of a static type take the projections; `asserting` and `diverging`
    are the macros that guard. A rustdoc paragraph names the limitation by one of `words` and one of `limits`.
    """

    flags: tuple[str, ...]
    methods: tuple[str, ...]
    projections: tuple[str, ...]
    static_types: tuple[str, ...]
    fields: tuple[str, ...]
    words: tuple[str, ...]
    limits: tuple[str, ...]
    merge_words: tuple[str, ...]
    asserting: tuple[str, ...] = ("assert", "ensure")
    diverging: tuple[str, ...] = ("panic", "unreachable", "unimplemented", "todo", "bail")


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge every merge of a RoPE type into a static attention, and with a base what was weakened."""
    crates = _crates(target, params)
    merges = [merge for crate in crates for merge in crate.merges()]
    if not merges:
        raise SubjectMissingError(
            f"no type with RoPE ({', '.join(params.flags)}) is merged into {', '.join(params.static_types)}"
        )
    for merge in merges:
        yield from _snapshot(merge, params)
    if target.base is not None:
        yield from _change(target.base, merges, params)


# --- verdicts -------------------------------------------------------------------------------------------------------


@dataclass
class _Merge:
    """A function that turns a RoPE type into a static one. `bare` are places without a dominating guard."""

    function: Function
    label: str
    gives: str
    own: bool
    bare: tuple[_Bare, ...] = ()
    guarded_by_itself: bool = False
    delegates: bool = False
    fn_documented: bool = False
    type_documented: bool = False
    owner_item: tuple[RustFile, Node] | None = None

    @property
    def safe(self) -> bool:
        """Tell whether calling it proves that RoPE is not in use."""
        return not self.bare

    @property
    def must_document(self) -> bool:
        """Tell whether the limitation is this function's own: what delegates has it from a function that says so."""
        return self.own and not self.delegates


@dataclass(frozen=True)
class _Bare:
    node: Node
    place: str


def _snapshot(merge: _Merge, params: Params) -> Iterator[Finding]:
    file = merge.function.file
    if merge.bare:
        related = tuple(
            Related(file.path, *file.position(bare.node), f"reached without a guard on RoPE of `{bare.place}`")
            for bare in merge.bare
        )
        yield _at(
            merge,
            f"`{merge.label}` gives a `{merge.gives}` without a guard on `{params.flags[0]}` before every return",
            f"stop first when RoPE is in use, such as `assert!(!self.{params.flags[0]}, ..)`; "
            "`debug_assert!`, code under a cfg and log messages are no guards",
            related,
        )
    elif merge.must_document and not (merge.fn_documented or merge.type_documented):
        yield _at(
            merge,
            f"the rustdoc of `{merge.label}` does not say that RoPE is not supported",
            f"name RoPE or `{params.flags[0]}` as unsupported in the rustdoc of the function, "
            "or the merge and RoPE in one paragraph of the type's",
        )
    elif merge.own and merge.delegates and not merge.guarded_by_itself:
        yield _at(
            merge,
            f"`{merge.label}` has no guard of its own: only the merges it delegates to stop for RoPE",
            "a guard here too would name the whole model in its message",
            level_note=True,
        )


def _change(base: Target, merges: list[_Merge], params: Params) -> Iterator[Finding]:
    """Report what the snapshot still accepts, but is weaker than it was."""
    before: dict[str, _Merge] = {}
    for crate in _crates(base, params):
        before.update({merge.label: merge for merge in crate.merges()})
    for merge in merges:
        old = before.get(merge.label)
        if old is None or merge.bare:
            continue
        if old.guarded_by_itself and not merge.guarded_by_itself:
            yield _at(
                merge,
                f"the guard of `{merge.label}` against RoPE was removed by this change",
                "keep the guard: what it delegates to may change apart from it",
            )
        documented = merge.fn_documented or merge.type_documented
        lost = (old.fn_documented and not merge.fn_documented) or (old.type_documented and not merge.type_documented)
        if lost and (documented or not merge.must_document):
            yield _at(
                merge,
                f"the rustdoc sentence that says `{merge.label}` does not support RoPE was removed or weakened",
                "restore the sentence, or lift the limitation together with its guard",
            )


def _at(
    merge: _Merge, message: str, help_text: str, related: tuple[Related, ...] = (), *, level_note: bool = False
) -> Finding:
    file, function = merge.function.file, merge.function.node
    name = function.child_by_field_name("name") or function
    line, column = file.position(name)
    return Finding(
        file.path,
        message,
        line,
        column,
        file.end_position(name),
        help=help_text,
        related=related,
        level="note" if level_note else "error",
    )


# --- types ----------------------------------------------------------------------------------------------------------


@dataclass
class _Crate:
    """The types of one package that matter here, and its functions that merge."""

    target: Target
    params: Params
    paths: tuple[str, ...]
    static: set[str] = field(default_factory=set)
    rotary: set[str] = field(default_factory=set)
    carriers: set[str] = field(default_factory=set)
    fields: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    items: dict[str, tuple[RustFile, Node]] = field(default_factory=dict)
    known: dict[tuple[str, str], _Merge | None] = field(default_factory=dict)
    by_name: dict[tuple[str, str], Function] = field(default_factory=dict)

    def read_types(self) -> None:
        """Find the static types, those that hold one, the RoPE types, and those that hold one of these."""
        self.static = self.closed(self.foreign(self.params.static_types), frozenset())
        for file in self.files(_needles((*self.params.flags, *self.params.methods))):
            self.rotary.update(self.rotary_types(file))
        self.rotary -= self.static
        self.carriers = self.closed(set(self.rotary), frozenset(self.static)) if self.rotary else set()

    def foreign(self, names: tuple[str, ...]) -> set[str]:
        """Drop the names that the crate gives to structs of its own: they are not the library's."""
        own = {
            _text(file, item.child_by_field_name("name"))
            for file in self.files(tuple(f"struct {name}".encode() for name in names))
            for item in rust.find(file, "struct_item")
        }
        return set(names) - own

    def files(self, needles: tuple[bytes, ...]) -> list[RustFile]:
        return [rust.file(self.target, path) for path in self.target.containing(needles, self.paths)]

    def closed(self, names: set[str], left_out: frozenset[str]) -> set[str]:
        """Add structs and aliases that hold one of `names`, and those that hold these, and so on."""
        pending = set(names)
        while pending:
            needles = tuple(sorted(name.encode() for name in pending))
            found: set[str] = set()
            for file in self.files(needles):
                found.update(self.holders(file, names))
            pending = found - names - left_out
            names |= pending
        return names

    def holders(self, file: RustFile, names: set[str]) -> Iterator[str]:
        for item in rust.find(file, "struct_item", "type_item"):
            name = _text(file, item.child_by_field_name("name"))
            fields = _struct_fields(file, item)
            self.fields.setdefault(name, {}).update(fields)
            self.items.setdefault(name, (file, item))
            if any(held & names for held in fields.values()):
                yield name

    def rotary_types(self, file: RustFile) -> Iterator[str]:
        for item in rust.find(file, "struct_item"):
            name = _text(file, item.child_by_field_name("name"))
            fields = _struct_fields(file, item)
            self.fields.setdefault(name, {}).update(fields)
            self.items.setdefault(name, (file, item))
            if any(_matches(key, self.params.flags) for key in fields):
                yield name
        for function in rust.functions(file):
            if function.owner and function.body is not None and self.rotates(file, function.body):
                yield function.owner

    def rotates(self, file: RustFile, body: Node) -> bool:
        projection = re.compile(rf"\b(?:{'|'.join(map(re.escape, self.params.projections))})\b")
        for call in rust.calls(file, body):
            if _matches(call.name, self.params.methods):
                around = [*call.receiver, *(node for group in call.arguments for node in group)]
                if any(projection.search(file.text_of(node)) for node in around):
                    return True
        return False

    # --- functions

    def merges(self) -> Iterator[_Merge]:
        """Give every merge of the crate, in the order of its files."""
        self.read_types()
        if not self.static or not self.carriers:
            return
        functions: list[Function] = []
        holding = self.target.containing(sorted(name.encode() for name in self.carriers), self.paths)
        for file in [liveness.whole_file(self.target, path) for path in holding]:
            functions.extend(function for function in rust.functions(file) if function.body is not None)
        for function in functions:
            self.by_name.setdefault((function.owner or "", function.name), function)
        for function in functions:
            merge = self.judged(function)
            if merge is not None:
                yield merge

    def judged(self, function: Function) -> _Merge | None:
        roots = self.roots(function)
        gives = self.given(function)
        if not roots or (gives is None and not self.fills(function)):
            return None
        if not liveness.is_production(self.target, function.file, function.node):
            return None
        label = f"{function.owner}::{function.name}" if function.owner else function.name
        merge = _Merge(function, label, gives or self.params.static_types[0], own=False)
        merge.owner_item = next((self.items[kind] for kind in roots.values() if kind in self.items), None)
        self.judge(merge, roots, returns=gives is not None)
        if not (merge.own or merge.bare or merge.delegates):
            return None
        merge.fn_documented = _names_limit(function.file, function.node, self.params)
        if merge.owner_item is not None:
            merge.type_documented = _names_merge(*merge.owner_item, self.params)
        return merge

    def roots(self, function: Function) -> dict[str, str]:
        """Give the places through which the function gets a RoPE type: `self` and parameters, with the type."""
        found = {}
        listed = function.node.child_by_field_name("parameters")
        for node in [] if listed is None else listed.named_children:
            if node.type == "self_parameter" and function.owner in self.carriers:
                found["self"] = function.owner
            elif node.type == "parameter":
                kinds = _type_names(function.file, node.child_by_field_name("type"), function.owner)
                for kind in sorted(kinds & self.carriers):
                    pattern = _text(function.file, node.child_by_field_name("pattern"))
                    found[pattern.removeprefix("mut ").strip()] = kind
        return found

    def given(self, function: Function) -> str | None:
        """Give the static type that the function returns."""
        result = function.node.child_by_field_name("return_type")
        return next(iter(sorted(_type_names(function.file, result, function.owner) & self.static)), None)

    def fills(self, function: Function) -> bool:
        for node in rust.walk(function.body or function.node, "assignment_expression"):
            if self.filled_field(function.file, node):
                return True
        return False

    def filled_field(self, file: RustFile, assignment: Node) -> bool:
        left = assignment.child_by_field_name("left")
        if left is None or left.type != "field_expression":
            return False
        return _text(file, left.child_by_field_name("field")) in self.params.fields

    def judge(self, merge: _Merge, roots: dict[str, str], *, returns: bool) -> None:
        function = merge.function
        walk = dominance.walk_function(
            function,
            roots,
            self.is_flag,
            dominance.Guards(self.params.asserting, self.params.diverging),
            resolve=lambda name: self.helper(function, name),
            after_call=lambda node, called, place: self.proven(function.file, node, called, place, roots),
        )
        merged = self.merged_places(walk, roots)
        handed = [point for point in walk.calls if self.hands_over(walk, point, roots)]
        bypassed = [point for point in handed if self.overridden(walk, str(point.place))]
        merge.delegates = len(handed) > len(bypassed)
        own = {root for root, kind in roots.items() if kind in self.rotary}
        inline = {place for place in merged if place not in own}
        fills = [point for point in walk.assignments if self.filled_field(function.file, point.node)]
        merge.own = bool(own and (returns or fills)) or bool(inline or bypassed)
        points = [(leaving.node, leaving.holds) for leaving in walk.exits if _gives_value(function.file, leaving)]
        if not returns:
            points = [(point.node, point.holds) for point in fills]
        guarded = bool(points)
        bare = [_Bare(point.node, str(point.place)) for point in bypassed]
        for node, holds in points:
            for place in sorted(own | inline):
                if self.guards(holds, place):
                    continue
                guarded = False
                if place in own and place not in merged and merge.delegates and not self.overridden(walk, place):
                    continue
                bare.append(_Bare(node, place))
        merge.bare = tuple(bare)
        merge.guarded_by_itself = guarded and merge.own and self.tests_flag(walk, points)

    def is_flag(self, place: str) -> bool:
        return "." in place and _matches(place.rpartition(".")[2], self.params.flags)

    def helper(self, function: Function, name: str) -> Function | None:
        owned = self.by_name.get((function.owner or "", name))
        if owned is not None:
            return owned
        named = [found for (_, known), found in self.by_name.items() if known == name]
        return named[0] if len(named) == 1 else None

    def guards(self, holds: cfg.Predicate, place: str) -> bool:
        """Tell whether `holds` excludes RoPE at `place`."""
        for atom in cfg.atoms(holds):
            tested = str(atom.value)
            if tested.startswith(f"{place}.") and cfg.implies(holds, cfg.Not(atom)):
                return True
        return not cfg.satisfiable(holds)

    def tests_flag(self, walk: dominance.Walk, points: list[tuple[Node, cfg.Predicate]]) -> bool:
        """Tell a guard in the function itself from one that a delegate has."""
        delegated = {self.flag_of(point.place) for point in walk.calls if point.place is not None}
        return all(any(str(atom.value) not in delegated for atom in cfg.atoms(holds)) for _, holds in points)

    def flag_of(self, place: str) -> str:
        return f"{place}.({self.params.flags[0]})"

    def proven(
        self, file: RustFile, call: Node, called: str, place: str | None, roots: dict[str, str]
    ) -> cfg.Predicate:
        """Give what holds after a call: a guarded merge of a place has returned, or a guard of the same type has."""
        if place is not None and self.is_flag(place):
            return self.checked(self.by_name.get(("", called)), file, call, place)
        kind = self.type_at(place, roots)
        if place is None or kind is None:
            return cfg.TRUE
        known = self.memo(kind, called)
        if known is not None and known.safe and known.own:
            return cfg.Not(dominance.place_atom(self.flag_of(place)))
        helper = self.by_name.get((kind, called)) if kind in self.rotary else None
        return self.checked(helper, file, call, place)

    def checked(self, helper: Function | None, file: RustFile, call: Node, place: str) -> cfg.Predicate:
        """Give what the normal return of a helper proves about the place, or the flag, that it is called with."""
        if helper is None or self.given(helper) is not None:
            return cfg.TRUE
        if helper.node.child_by_field_name("return_type") is not None and not dominance.is_passed_on(file, call):
            return cfg.TRUE
        flag = _first_parameter(helper) if self.is_flag(place) else None
        walk = dominance.walk_function(
            helper,
            ("self",) if flag is None else (flag,),
            self.is_flag if flag is None else flag.__eq__,
            dominance.Guards(self.params.asserting, self.params.diverging),
        )
        exits = [leaving.holds for leaving in walk.exits if _gives_value(helper.file, leaving, also_unit=True)]
        if flag is not None:
            proven = all(cfg.implies(holds, cfg.Not(dominance.place_atom(flag))) for holds in exits)
            return cfg.Not(dominance.place_atom(place)) if exits and proven else cfg.TRUE
        if exits and all(self.guards(holds, "self") for holds in exits):
            return cfg.Not(dominance.place_atom(self.flag_of(place)))
        return cfg.TRUE

    def memo(self, kind: str, called: str) -> _Merge | None:
        key = (kind, called)
        if key not in self.known:
            self.known[key] = None  # a merge that delegates to itself proves nothing
            function = self.by_name.get(key)
            self.known[key] = None if function is None else self.judged(function)
        return self.known[key]

    def hands_over(self, walk: dominance.Walk, point: dominance.Point, roots: dict[str, str]) -> bool:
        """Tell whether a call hands a place over to another merge that is judged."""
        if point.place is None:
            return False
        kind = self.type_at(point.place, roots)
        callee = point.node.child_by_field_name("function") or point.node
        called = walk.function.file.text_of(callee).rpartition(".")[2].rpartition("::")[2]
        if kind is None or self.by_name.get((kind, called)) in (None, walk.function):
            return False
        return self.memo(kind, called) is not None  # one without a guard has its own finding

    def overridden(self, walk: dominance.Walk, place: str) -> bool:
        """Tell whether the function writes a flag of `place` or of what it holds, so that its guard sees nothing."""
        return any(self.is_flag(written) and written.startswith(f"{place}.") for written in walk.written)

    def merged_places(self, walk: dominance.Walk, roots: dict[str, str]) -> set[str]:
        """Give the places whose projections are merged right here: `self` of `self.q.merge()`."""
        found = set()
        for point in walk.calls:
            owner, _, last = (point.place or "").rpartition(".")
            if owner and last in self.params.projections and self.type_at(owner, roots) in self.rotary:
                callee = point.node.child_by_field_name("function")
                called = "" if callee is None else walk.function.file.text_of(callee)
                if any(word in called.rpartition(".")[2] for word in self.params.merge_words):
                    found.add(owner)
        return found

    def type_at(self, place: str | None, roots: dict[str, str]) -> str | None:
        """Give the RoPE type, or the type that holds one, that stands at a place."""
        if place is None:
            return None
        root, *route = place.split(".")
        kind = roots.get(root)
        for key in route:
            held = self.fields.get(kind or "", {}).get(key, frozenset()) & self.carriers
            kind = next(iter(sorted(held)), None)
        return kind


def _crates(target: Target, params: Params) -> list[_Crate]:
    sources = target.glob("*.rs")
    holding = target.containing(_needles(params.static_types), sources)
    if not holding:
        return []
    workspace = cargo.workspace(target)
    roots = {package.root for path in holding if (package := workspace.package_of(path)) is not None}
    members: dict[str, list[str]] = {root: [] for root in sorted(roots)}
    for path in sources:
        package = workspace.package_of(path)
        if package is not None and package.root in members:
            members[package.root].append(path)
    return [_Crate(target, params, tuple(paths)) for paths in members.values()]


# --- syntax ---------------------------------------------------------------------------------------------------------


def _needles(patterns: tuple[str, ...]) -> tuple[bytes, ...]:
    """Give the longest literal of each pattern, which every match must hold."""
    return tuple(sorted({max(pattern.split("*"), key=len).encode() for pattern in patterns}))


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _text(file: RustFile, node: Node | None) -> str:
    return "" if node is None else file.text_of(node).removeprefix("r#")


def _type_names(file: RustFile, node: Node | None, owner: str | None = None) -> set[str]:
    if node is None:
        return set()
    names = {file.text_of(inner) for inner in rust.walk(node, "type_identifier")}
    return names | {owner} if owner and "Self" in names else names


def _struct_fields(file: RustFile, item: Node) -> dict[str, frozenset[str]]:
    """Give the fields of a struct with the names in their types; an alias is a struct with one field without name."""
    if item.type == "type_item":
        return {"": frozenset(_type_names(file, item.child_by_field_name("type")))}
    body = item.child_by_field_name("body")
    found = {}
    for index, node in enumerate([] if body is None else body.named_children):
        if node.type == "field_declaration":
            key = _text(file, node.child_by_field_name("name"))
            found[key] = frozenset(_type_names(file, node.child_by_field_name("type")))
        elif body is not None and body.type == "ordered_field_declaration_list":
            found[str(index)] = frozenset(_type_names(file, node))
    return found


def _first_parameter(function: Function) -> str | None:
    listed = function.node.child_by_field_name("parameters")
    first = next((node for node in ([] if listed is None else listed.named_children) if node.type == "parameter"), None)
    return None if first is None else _text(function.file, first.child_by_field_name("pattern"))


def _gives_value(file: RustFile, leaving: dominance.Exit, *, also_unit: bool = False) -> bool:
    """Tell an exit with a result from one with an error or nothing."""
    if leaving.value is None:
        return also_unit
    text = file.text_of(leaving.value)
    return not re.match(r"(?:(?:\w+::)*Err\s*\(|(?:\w+::)*None\b)", text)


# --- rustdoc --------------------------------------------------------------------------------------------------------


def _paragraphs(file: RustFile, item: Node) -> list[str]:
    """Give the paragraphs of an item's rustdoc; a heading belongs to the paragraph after it."""
    marks = re.compile(r"^\s*(?:///|/\*\*|\*/|\*(?!\*))")
    lines = [marks.sub("", line).strip() for comment in rust.docs(file, item) for line in comment.text.splitlines()]
    found: list[str] = []
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        if found and found[-1].lstrip().startswith("#") and "\n" not in found[-1].strip():
            found[-1] += "\n" + block
        else:
            found.append(block)
    return found


def _has_word(text: str, words: tuple[str, ...]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in words)


def _names_limit(file: RustFile, function: Node, params: Params) -> bool:
    paragraphs = _paragraphs(file, function)
    return any(_has_word(text, params.words) and _has_word(text, params.limits) for text in paragraphs)


def _names_merge(file: RustFile, item: Node, params: Params) -> bool:
    paragraphs = _paragraphs(file, item)
    return any(_has_word(text, params.words) and _has_word(text, params.merge_words) for text in paragraphs)
