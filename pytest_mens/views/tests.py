"""The tests that a placed file holds, as the test harness would name them.

A test attribute is any whose last segment is `test`, or one of the frameworks below. Frameworks that make several
tests of one function do so in a procedural macro: only the beginning of those names is known (`open`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import UnreadableError
from pytest_mens.views import cfg, macros, modules, rust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import CargoTarget, Package
    from pytest_mens.views.cfg import Predicate
    from pytest_mens.views.modules import Item, Placement
    from pytest_mens.views.rust import RustFile


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
    hint: str | None = ""
    """Of an open name: source text that holds the words its end is made of; None when they may be any."""


def target_label(cargo_target: CargoTarget) -> str:
    """Give the form in which TestId names a Cargo target."""
    return "lib" if cargo_target.kind == "lib" else f"{cargo_target.kind} {cargo_target.name}"


def in_placement(target: Target, placement: Placement) -> tuple[Test, ...]:
    """Give every test of a placed file (memoised). Raise UnreadableError when the file cannot be used."""
    memo = target.view(_memo)
    if placement not in memo:
        memo[placement] = tuple(_collect(target, placement))
    return memo[placement]


def of_item(item: Item) -> Test | None:
    """Give the test that a placed function is, or None when it is none."""
    function = item.function
    if item.nested or function.owner is not None or function.body is None:
        return None
    found = _attributes(item.file, function.node)
    if found is None:
        return None
    line, column = item.file.position(function.node)
    return _test(item.placement, item.path, cfg.conjoin((item.cfg, found.cfg)), found, (line, column))


def may_hold(target: Target, placement: Placement) -> bool:
    """Tell by the bytes whether a placed file may hold tests at all."""
    if target.file_view(_speaks_of_tests, placement.file):
        return True
    data = target.data(placement.file)
    return any(name + b"!" in data for name in _macros(target, placement.package).names)


def _speaks_of_tests(target: Target, path: str) -> bool:
    data = target.data(path)
    return b"test" in data or b"quickcheck" in data


def may_be_named_freely(target: Target, placement: Placement) -> bool:
    """Tell whether macros make tests in the file under names that its bytes do not show."""
    if target.file_view(_uses_framework, placement.file):
        return True
    data = target.data(placement.file)
    return any(re.search(rb"\b" + name + rb"\s*!", data) for name in _macros(target, placement.package).names)


def _uses_framework(target: Target, path: str) -> bool:
    data = target.data(path)
    return any(name in data for name in _FRAMEWORKS)


_MADE_WORDS = "case expects inconclusive panics matches with"


def may_continue(test: Test, text: str, *, exact: bool = False) -> bool:
    """Tell whether the full name of an open test may contain (or be) `text`.

    Its unknown end is made of numbers, a few fixed words, and words of the attributes and parameters.
    """
    if exact and not text.startswith(test.id.name):
        return False
    if test.hint is None:
        return True
    known = f"{test.id.name} {test.hint} {_MADE_WORDS}".lower()
    return all(word.isdigit() or word in known for word in re.split(r"[\W_]+", text.lower()))


def _memo(_target: Target) -> dict[Placement, tuple[Test, ...]]:
    return {}


def _test(
    placement: Placement, name: str, condition: Predicate, found: _TestAttributes, place: tuple[int, int]
) -> Test:
    identity = TestId(placement.package.name, target_label(placement.target), name, found.open)
    return Test(identity, condition, found.ignored, placement.file, *place, hint=found.hint)


# --- Attributes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _TestAttributes:
    """What a function's attributes make of it: a test under `cfg`, ignored under `ignored`."""

    cfg: Predicate
    ignored: Predicate
    open: bool
    hint: str | None = ""


_PLAIN = {"test", "quickcheck", "proptest"}
_PARAMETRISED = {"test_case", "test_matrix", "parameterized", "parametrized", "test_cases", "dir_cases", "dir_test"}
_FRAMEWORKS = tuple(name.encode() for name in ("rstest", *sorted(_PARAMETRISED)))
_RSTEST_PARAMETERS = re.compile(r"#\s*\[\s*(?:case|values|files|values_file)\b")


def _attributes(file: RustFile, node: Node) -> _TestAttributes | None:
    tests: list[Predicate] = []
    ignored: list[Predicate] = []
    open_name = False
    for condition, path in _expanded(file, node):
        last = path.rpartition("::")[2]
        if last == "ignore" and path == last:
            ignored.append(condition)
        elif last in _PLAIN or last == "rstest" or last in _PARAMETRISED:
            tests.append(condition)
            open_name = open_name or last in _PARAMETRISED or (last == "rstest" and _takes_cases(file, node))
    if not tests:
        return None
    hint = _hint(file, node) if open_name else ""
    return _TestAttributes(cfg.disjoin(tests), cfg.disjoin(ignored), open_name, hint)


def _takes_cases(file: RustFile, node: Node) -> bool:
    parameters = node.child_by_field_name("parameters")
    text = "" if parameters is None else file.text_of(parameters)
    named = any(attribute.path.partition("::")[0] in {"case", "apply"} for attribute in rust.attributes(file, node))
    return named or _RSTEST_PARAMETERS.search(text) is not None


def _hint(file: RustFile, node: Node) -> str | None:
    """Give the text from which a framework makes the ends of names; None when it stands in another place."""
    attributes = rust.attributes(file, node)
    if any(attribute.path.rpartition("::")[2] in {"apply", "dir_cases", "dir_test"} for attribute in attributes):
        return None
    parameters = node.child_by_field_name("parameters")
    text = "" if parameters is None else file.text_of(parameters)
    if "#[files" in text:
        return None
    return " ".join([*(file.text_of(attribute.node) for attribute in attributes), text])


def _expanded(file: RustFile, node: Node) -> Iterator[tuple[Predicate, str]]:
    """Give the attributes of a function with the condition under which `cfg_attr` applies them."""
    for attribute in rust.attributes(file, node):
        if attribute.path == "cfg_attr":
            yield from _conditional(attribute.args, cfg.TRUE, 0)
        else:
            yield cfg.TRUE, attribute.path


def _conditional(args: str, around: Predicate, depth: int) -> Iterator[tuple[Predicate, str]]:
    try:
        condition, attributes = cfg.parse_attr(args)
    except ValueError:
        return
    condition = cfg.conjoin((around, condition))
    for text in attributes:
        head = re.match(r"\s*((?:::)?\s*\w+(?:\s*::\s*\w+)*)\s*(?:\((.*)\))?", text, re.DOTALL)
        path = re.sub(r"\s", "", head[1]) if head else ""
        if path == "cfg_attr" and head and depth < 10:
            yield from _conditional(head[2] or "", condition, depth + 1)
        elif path:
            yield condition, path


# --- Collection --------------------------------------------------------------------------------------------------


def _collect(target: Target, placement: Placement) -> Iterator[Test]:
    if not may_hold(target, placement):
        return
    found = [test for item in modules.items(target, placement) if (test := of_item(item)) is not None]
    yield from found
    file = rust.file(target, placement.file)
    known = _macros(target, placement.package).names
    # a test attribute that belongs to no function found stands in a macro, a comment or a string
    hidden = (b"cfg_attr", b"quickcheck", *(name + b"!" for name in known))
    if len(_SHOWN_TEST.findall(file.source)) > len(found) or any(name in file.source for name in hidden):
        yield from _from_macros(target, placement, file)


def _from_macros(target: Target, placement: Placement, file: RustFile) -> Iterator[Test]:
    """Give the tests that macro invocations at the place of items make."""
    known = _macros(target, placement.package)
    for call in rust.macro_calls(file):
        if call.node.type != "macro_invocation" or call.name in {"macro_rules", "include"}:
            continue
        body = file.source[call.body.start_byte : call.body.end_byte]
        may_be = call.name in known.known or _SHOWN_TEST.search(body)
        if not may_be or rust.enclosing(call.node, "function_item", "impl_item", "macro_definition") is not None:
            continue
        scope = _scope(file, call.node)
        around = cfg.conjoin((placement.cfg, rust.local_cfg(file, call.node)))
        place = file.position(call.node)
        outer = _Outer(placement, scope, around, place)
        if call.name in known.known:
            first = _Call(known.known[call.name], file, call.body)
            yield from _expansion(known.known, first, outer, [_EXPANSIONS])
        else:
            yield from _passed_through(file, call.body, outer)


@dataclass(frozen=True)
class _Outer:
    """Where a macro is invoked: its tests stand below this module, under this cfg, and are shown at this place."""

    placement: Placement
    scope: tuple[str, ...]
    cfg: Predicate
    place: tuple[int, int]
    depth: int = 0


_SHOWN_TEST = re.compile(rb"#\s*\[\s*(?:\w+\s*::\s*)*(?:test|rstest|test_case)\b")
_EXPANSIONS = 200
"""Macros expanded for one invocation in the source."""
_LEVELS = 8
"""Levels of macros that invoke macros."""


def _scope(file: RustFile, node: Node) -> tuple[str, ...]:
    around = [holder for holder in rust.ancestors(file, node) if holder.type == "mod_item"]
    names = [holder.child_by_field_name("name") for holder in reversed(around)]
    return tuple(file.text_of(name).removeprefix("r#") for name in names if name is not None)


@dataclass(frozen=True)
class _Call:
    """An invocation of a known macro, with its token tree."""

    macro: macros.Macro
    file: RustFile
    body: Node


def _expansion(known: Mapping[str, macros.Macro], call: _Call, outer: _Outer, budget: list[int]) -> Iterator[Test]:
    """Give the tests that a macro makes, also through macros that it invokes; `budget` holds how many are left."""
    budget[0] -= 1
    text = macros.expand(call.macro, call.file, call.body) if budget[0] >= 0 and outer.depth < _LEVELS else None
    if text is None:
        name = modules.shown_path((*outer.placement.module, *outer.scope, ""))
        nothing = _TestAttributes(cfg.TRUE, cfg.FALSE, open=True, hint=None)
        yield _test(outer.placement, name, outer.cfg, nothing, outer.place)
        return
    made = rust.parse(macros.pasted(text), call.file.path)
    yield from _written_out(made, outer)
    for again in rust.macro_calls(made):
        if budget[0] < 0:
            return
        if again.node.type != "macro_invocation" or rust.enclosing(again.node, "function_item") is not None:
            continue
        condition = cfg.conjoin((outer.cfg, rust.local_cfg(made, again.node)))
        scope = (*outer.scope, *_scope(made, again.node))
        inner = _Outer(outer.placement, scope, condition, outer.place, outer.depth + 1)
        if again.name in known:
            yield from _expansion(known, _Call(known[again.name], made, again.body), inner, budget)
        else:
            yield from _passed_through(made, again.body, inner)


def _passed_through(file: RustFile, body: Node, outer: _Outer) -> Iterator[Test]:
    """Give the tests written out in the body of a macro that repeats it, such as `proptest!`.

    Such macros have a syntax of their own for parameters: only attributes and names are read.
    """
    text = file.text_of(body)[1:-1]
    if not _SHOWN_TEST.search(text.encode()):
        return
    yield from _written_out(rust.parse(_without_parameters(file, body), file.path), outer)


def _without_parameters(file: RustFile, body: Node) -> str:
    """Give a macro's body with the parameters of its functions left out: `fn f(x in 0..9)` is no Rust."""
    parts: list[bytes] = []
    at = body.start_byte + 1
    for tree in rust.walk(body, "token_tree"):
        for word, name, parameters in zip(tree.children, tree.children[1:], tree.children[2:], strict=False):
            is_list = parameters.type == "token_tree" and file.source[parameters.start_byte] == ord("(")
            if word.type == "fn" and name.type == "identifier" and is_list and parameters.start_byte >= at:
                parts += [file.source[at : parameters.start_byte], b"()"]
                at = parameters.end_byte
    parts.append(file.source[at : body.end_byte - 1])
    return b"".join(parts).decode("utf-8", "replace")


def _written_out(made: RustFile, outer: _Outer) -> Iterator[Test]:
    """Give the tests of source text that stands where a macro was invoked."""
    for function in rust.functions(made):
        if function.owner is not None or rust.enclosing(function.node, "function_item") is not None:
            continue
        found = _attributes(made, function.node)
        if found is not None:
            name = modules.shown_path((*outer.placement.module, *outer.scope, *function.scope, function.name))
            condition = cfg.conjoin((outer.cfg, rust.local_cfg(made, function.node), found.cfg))
            yield _test(outer.placement, name, condition, found, outer.place)


# --- Macros of a package that make tests -------------------------------------------------------------------------


@dataclass(frozen=True)
class _PackageMacros:
    """The macros of a package whose expansion may hold a test attribute."""

    known: Mapping[str, macros.Macro]
    names: tuple[bytes, ...]


def _macros(target: Target, package: Package) -> _PackageMacros:
    memo = target.view(_macro_memo)
    if package.root not in memo:
        known = _test_macros(target, package)
        memo[package.root] = _PackageMacros(known, tuple(name.encode() for name in known))
    return memo[package.root]


def _macro_memo(_target: Target) -> dict[str, _PackageMacros]:
    return {}


def _macro_files(target: Target, package: Package) -> Iterator[str]:
    """Give the files of a package in which a macro that makes tests may be defined."""
    files = target.glob(f"/{package.root}/**/*.rs" if package.root else "*.rs")
    for path in target.containing((b"macro_rules!",), files):
        try:
            data = target.data(path)
        except UnreadableError:
            continue
        if _SHOWN_TEST.search(data):
            yield path


def _test_macros(target: Target, package: Package) -> Mapping[str, macros.Macro]:
    """Read the macros that make tests: those with a test attribute in a body, and those that invoke such a one."""
    found: dict[str, macros.Macro] = {}
    others: dict[str, tuple[str, macros.Macro]] = {}
    for path in _macro_files(target, package):
        file = rust.file(target, path)
        for node in rust.find(file, "macro_definition"):
            macro = macros.definition(file, node)
            if _SHOWN_TEST.search(file.source, node.start_byte, node.end_byte):
                found[macro.name] = macro
            else:
                others[macro.name] = (file.text_of(node), macro)
    while True:
        callers = {
            name: macro
            for name, (text, macro) in others.items()
            if name not in found and any(re.search(rf"\b{re.escape(known)}\s*!", text) for known in found)
        }
        if not callers:
            return found
        found.update(callers)
