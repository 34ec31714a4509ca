"""Tests that compare two tensor stacks: which stack each side comes from, and whether CI runs the test."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_mens.model import SubjectMissingError
from pytest_mens.views import cargo, cargo_test, cfg, commands, comparisons, modules, rust, scope
from pytest_mens.views.flow import Flow, Frame, Place, flow, strip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo_test import Test
    from pytest_mens.views.commands import CiLayout
    from pytest_mens.views.comparisons import Site
    from pytest_mens.views.flow import Trace


@dataclass(frozen=True)
class Stack:
    """A tensor stack: its packages (globs), the crate names of its paths, and the methods that read values out."""

    name: str
    packages: tuple[str, ...]
    crates: tuple[str, ...]
    readouts: tuple[str, ...]


@dataclass(frozen=True)
class Hardware:
    """What a test needs a GPU for: backend types, and device constructors where no `fallback` stands beside them."""

    backends: tuple[str, ...]
    cpu_backends: tuple[str, ...]
    devices: tuple[str, ...]
    fallback: str


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a comparison: all that flows into it, and the stack it is read out of (None when unknown)."""

    place: Place
    trace: Trace
    stack: str | None


@dataclass(frozen=True, eq=False)
class Compared:
    """One comparison of a test with its two sides. `lengths` tells that only lengths or shapes are compared."""

    site: Site
    left: Side
    right: Side
    lengths: bool

    @property
    def crosses(self) -> bool:
        """Tell whether the sides come from different stacks."""
        return None not in (self.left.stack, self.right.stack) and self.left.stack != self.right.stack

    @property
    def name(self) -> str:
        """The test's name."""
        function = self.site.test.body.function
        return "" if function is None else function.name


@dataclass(frozen=True)
class Defect:
    """Why a test does not count: where, and in words."""

    path: str
    line: int
    column: int
    message: str
    help: str


def members(target: Target, stacks: Sequence[Stack]) -> list[cargo.Package]:
    """Give the members that depend on all stacks; raise SubjectMissingError when there is none."""
    found = [
        package
        for package in cargo.workspace(target).packages.values()
        if all(scope.matches([one.package for one in package.dependencies], stack.packages) for stack in stacks)
    ]
    if not found:
        names = " and ".join(stack.name for stack in stacks)
        raise SubjectMissingError(f"no workspace member depends on both {names}")
    return found


def compared(target: Target, stacks: Sequence[Stack]) -> tuple[Compared, ...]:
    """Give the comparisons of all tests in packages that use any of the stacks (memoised).

    Tests that no configuration compiles are among them, and functions that only lack the test attribute.
    """
    memo = target.view(_memo)
    key = tuple(stacks)
    if key not in memo:
        memo[key] = tuple(_compared(target, stacks))
    return memo[key]


def _memo(_target: Target) -> dict[tuple[Stack, ...], tuple[Compared, ...]]:
    return {}


def _compared(target: Target, stacks: Sequence[Stack]) -> Iterator[Compared]:
    engine = flow(target)
    packages = scope.users(target, [glob for stack in stacks for glob in stack.packages])
    crates = [crate for stack in stacks for crate in stack.crates]
    for frame in comparisons.in_packages(target, packages, crates, exact=True, every=True):
        for site in comparisons.sites(engine, frame):
            if site.right is not None:
                sides = [_side(engine, place, stacks) for place in (site.left, site.right)]
                yield Compared(site, sides[0], sides[1], _lengths(engine, site))


def is_compiled_test(target: Target, one: Compared) -> bool:
    """Tell whether a comparison stands in a test that some configuration compiles."""
    file, function = one.site.test.body.file, one.site.test.body.function
    return function is not None and rust.is_test(file, function.node) and scope.compiled(target, file, function.node)


_COUNTS = re.compile(r"len|dims\d?|shape|elem_count|num_elements|rank|argmax\w*|position|max_by|min_by|count|is_\w+")


def _lengths(engine: Flow, site: Site) -> bool:
    """Tell whether only lengths, shapes, positions or flags are compared."""
    return any(_counts(engine, side) for side in (site.left, site.right) if side is not None)


def _counts(engine: Flow, place: Place) -> bool:
    current: Place | None = place
    for _ in range(20):
        if current is None:
            return False
        node = strip(current.node)
        here = current.at(node)
        callee = here.body.callee(node) if node.type == "call_expression" else None
        if callee is not None and callee.receiver is not None:
            if _COUNTS.fullmatch(callee.name):
                return True
            current = here.at(callee.receiver)
        elif node.type == "field_expression":
            value = node.child_by_field_name("value")
            current = None if value is None else here.at(value)
        elif node.type == "identifier":
            current = engine.follow(here)
        else:
            return False
    return False


def _side(engine: Flow, place: Place, stacks: Sequence[Stack]) -> Side:
    trace = engine.trace(place)
    for call in trace.calls:
        for stack in stacks:
            if call.method and call.path[-1] in stack.readouts:
                return Side(place, trace, stack.name)
    heads = {path[0] for path in trace.paths} | {call.path[0] for call in trace.calls if not call.method}
    found = [stack.name for stack in stacks if heads & set(stack.crates)]
    return Side(place, trace, found[0] if len(found) == 1 else None)


def uses_all(engine: Flow, test: Frame, stacks: Sequence[Stack]) -> bool:
    """Tell whether a test and its helpers use every one of the stacks."""
    trace = engine.trace(*(Place(frame.body.node, frame) for frame in (test, *comparisons.helpers(engine, test))))
    heads = {path[0] for path in trace.paths} | {call.path[0] for call in trace.calls if not call.method}
    return all(heads & set(stack.crates) for stack in stacks)


def operand(engine: Flow, place: Place) -> Place:
    """Give where a compared sequence is named: for the variable of a loop or closure, the sequence it runs over."""
    node = strip(place.node)
    binder = engine.binder(place.at(node)) if node.type == "identifier" else None
    if binder is None or binder.kind not in ("for", "closure") or binder.value is None:
        return place
    return engine.project(Place(binder.value, place.frame), binder.path, to_name=True)


def calls(trace: Trace, pattern: str) -> list[Place]:
    """Give the calls of a trace whose name matches."""
    return [call.place for call in trace.calls if re.fullmatch(pattern, call.path[-1])]


def names(trace: Trace, pattern: str) -> bool:
    """Tell whether a trace calls a function, or names a type, that matches."""
    segments = {segment for path in trace.paths for segment in path}
    segments.update(segment for call in trace.calls for segment in call.path)
    return any(re.fullmatch(pattern, segment) for segment in segments)


# --- liveness -------------------------------------------------------------------------------------------------------


def defect(target: Target, test: Frame, layout: CiLayout, hardware: Hardware) -> Defect | None:
    """Give why CI does not run a test on a CPU, or None when it does."""
    file, function = test.body.file, test.body.function
    if function is None:
        return None
    found = [one for place in modules.placements(target, file.path) for one in _tests(target, place, function)]
    if not any(commands.ci_runs(target, layout, one) for one in found):
        return _unreached(target, test, layout, found)
    return _on_hardware(target, test, hardware)


def _tests(target: Target, placement: modules.Placement, function: rust.Function) -> Iterator[Test]:
    for item in modules.items(target, placement):
        if item.function.node.start_byte == function.node.start_byte:
            test = cargo_test.test_of(item)
            if test is not None:
                yield test


def _unreached(target: Target, test: Frame, layout: CiLayout, found: Sequence[Test]) -> Defect:
    file, function = test.body.file, test.body.function
    name = "" if function is None else function.name
    item = test.body.node if function is None else function.node
    if not rust.is_test(file, item):
        return _defect(file, item, f"`{name}` has no test attribute", "mark it as a test")
    for one in found:
        if one.ignored != cfg.FALSE and commands.ci_runs(target, layout, replace(one, ignored=cfg.FALSE)):
            node = _attribute(file, item, r"ignore|cfg_attr") or item
            return _defect(file, node, f"`{name}` is ignored", "run the test in CI, or take the attribute away")
    for one in found:
        open_test = replace(one, cfg=cfg.Atom("test"), ignored=cfg.FALSE)
        if one.cfg not in (cfg.TRUE, cfg.Atom("test")) and commands.ci_runs(target, layout, open_test):
            node = _condition(file, item) or item
            message = f"`{name}` is cfg-ed out of every CI run: {cfg.show(one.cfg)}"
            return _defect(file, node, message, "gate the test on features that CI enables")
    reason = "no CI command runs it" if found else "no module or target of a crate reaches it"
    return _defect(file, item, f"`{name}` is not run: {reason}", "let a CI command run the test")


def _attribute(file: rust.RustFile, item: Node, pattern: str) -> Node | None:
    return next((one.node for one in rust.attributes(file, item) if re.fullmatch(pattern, one.path)), None)


def _condition(file: rust.RustFile, item: Node) -> Node | None:
    """Give the innermost cfg attribute over an item: its own, its modules', or the file's."""
    current: Node | None = item
    while current is not None:
        holder = current if current.parent is not None else file.root
        found = [one.node for one in rust.attributes(file, holder) if re.match(r"cfg", one.path)]
        if found:
            return found[0]
        current = current.parent
    inner = [node for node in file.root.children if node.type == "inner_attribute_item"]
    return next((node for node in inner if re.match(r"#!\s*\[\s*cfg", file.text_of(node))), None)


def _defect(file: rust.RustFile, node: Node, message: str, help_text: str) -> Defect:
    return Defect(file.path, *file.position(node), message, help_text)


def _on_hardware(target: Target, test: Frame, hardware: Hardware) -> Defect | None:
    engine = flow(target)
    name = "" if test.body.function is None else test.body.function.name
    for frame in (test, *comparisons.helpers(engine, test)):
        body = frame.body
        for call in body.calls:
            callee = body.callee(call)
            if callee is None or callee.name not in hardware.devices:
                continue
            if not re.search(rf"\b{hardware.fallback}\b", body.text(body.statement(call))):
                message = f"`{name}` needs a GPU: `{body.text(call)}`"
                return _defect(body.file, call, message, "compare on a CPU device")
    trace = engine.trace(Place(test.body.node, test))
    names = {path[-1] for path in trace.paths}
    if names & set(hardware.backends) and not names & set(hardware.cpu_backends):
        wanted = min(names & set(hardware.backends))
        node = _named(test, wanted)
        message = f"`{name}` needs a GPU: backend `{wanted}`"
        return _defect(test.body.file, node, message, "compare on a CPU backend")
    return None


def _named(test: Frame, name: str) -> Node:
    for node in rust.walk(test.body.node, "type_identifier", "identifier"):
        if test.body.text(node) == name:
            return node
    return test.body.node if test.body.function is None else test.body.function.node


def gate(target: Target, layout: CiLayout, hint: str) -> tuple[str, int, int] | None:
    """Give where CI's commands name what matches `hint`: a gate manifest's step first, else a workflow's."""
    manifests = commands.manifests(target)
    steps = [step for manifest in manifests for profile in manifest.profiles.values() for step in profile]
    every = (*commands.ci_commands(target, layout), *steps)
    found = [command for command in every if any(re.search(hint, word) for word in command.argv)]
    if not found:
        return None
    best = min(found, key=lambda one: (one.place != "manifest", one.path, one.line))
    return best.path, best.line, best.column
