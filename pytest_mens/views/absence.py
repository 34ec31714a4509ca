"""Where code ends up when something is not there: the branches that a failed test leads into.

A test asks for a file, for content or for an Option's value, or compares a mode; which methods and names do so, the
caller says. Variables that hold the result of a test are followed within their function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.views.rust import RustFile


@dataclass(frozen=True)
class Tests:
    """Methods that are true when something is there, those that are true when it is not, and names of modes."""

    presence: tuple[str, ...]
    absence: tuple[str, ...]
    modes: tuple[str, ...]


_STEPS = 4
"""How many variables and helper functions are followed behind each other."""


def in_failing_branch(file: RustFile, place: Node, tests: Tests) -> bool:
    """Tell whether `place` is only reached when a test of its function failed."""
    inner = place
    for outer in rust.ancestors(file, place):
        if outer.type == "function_item":
            return False
        if _is_failing_branch(file, outer, inner, tests) or _runs_over_absent(file, outer, inner, tests):
            return True
        if outer.type == "call_expression" and inner.type == "arguments" and _gives_none(file, outer):
            return True
        if outer.type == "block" and _follows_presence(file, inner, tests):
            return True
        inner = outer
    return False


def _is_failing_branch(file: RustFile, outer: Node, inner: Node, tests: Tests) -> bool:
    if outer.type == "if_expression":
        condition = outer.child_by_field_name("condition")
        if condition is None or inner == condition:
            return False
        return _is_absence(file, condition, tests, holds=inner == outer.child_by_field_name("consequence"))
    if outer.type == "let_declaration":
        pattern = outer.child_by_field_name("pattern")
        return inner == outer.child_by_field_name("alternative") and _takes_some(file, pattern)
    if outer.type == "match_arm" and inner == outer.child_by_field_name("value"):
        return _is_failing_arm(file, outer, tests)
    return False


def _is_failing_arm(file: RustFile, arm: Node, tests: Tests) -> bool:
    """Tell whether a match arm is for what is not there: `None`, `false`, `(_, false)`, `Some(p) if !p.exists()`."""
    pattern = arm.child_by_field_name("pattern")
    if pattern is None or not pattern.named_children:
        return pattern is not None and file.text_of(pattern) == "_" and _matches_presence(file, arm, tests)
    guard = pattern.child_by_field_name("condition")
    if guard is not None and _is_absence(file, guard, tests, holds=True):
        return True
    tested = pattern.named_children[0]
    parts = tested.named_children if tested.type == "tuple_pattern" else [tested]
    texts = {file.text_of(part) for part in parts}
    return "None" in texts or ("false" in texts and _matches_presence(file, arm, tests))


def _follows_presence(file: RustFile, statement: Node, tests: Tests) -> bool:
    """Tell whether a statement comes right after an `if` that leaves when something is there."""
    before = statement.prev_named_sibling
    while before is not None and before.type in ("line_comment", "block_comment"):
        before = before.prev_named_sibling
    test = before.named_children[0] if before is not None and before.type == "expression_statement" else before
    if test is None or test.type != "if_expression" or test.child_by_field_name("alternative") is not None:
        return False
    condition, consequence = (test.child_by_field_name(field) for field in ("condition", "consequence"))
    leaves = consequence is not None and _LEAVES.search(file.text_of(consequence)) is not None
    return leaves and condition is not None and _is_absence(file, condition, tests, holds=False)


_LEAVES = re.compile(r"\b(?:return(?:\s+Ok\s*\(.*\))?|continue|break)\s*;?\s*\}\Z", re.DOTALL)


def _runs_over_absent(file: RustFile, outer: Node, inner: Node, tests: Tests) -> bool:
    """Tell whether `outer` is a loop over what was found not to be there."""
    if outer.type != "for_expression" or inner != outer.child_by_field_name("body"):
        return False
    value = outer.child_by_field_name("value")
    if value is None:
        return False
    named = [value, *rust.walk(value, "identifier")]
    return any(_picks_absent(file, each, tests) for each in (value, *filter(None, (_value_of(file, n) for n in named))))


def _picks_absent(file: RustFile, value: Node, tests: Tests) -> bool:
    """Tell whether a value picks, in a closure, what is not there: `paths.iter().filter(|path| !path.is_file())`."""
    return any(
        method in tests.presence and _is_negated(file, call, closure)
        for closure in rust.walk(value, "closure_expression")
        for call in rust.walk(closure, "call_expression")
        for method in [_method(file, call)]
    )


def _takes_some(file: RustFile, pattern: Node | None) -> bool:
    """Tell whether a pattern asks that something is there: `Some(..)`, or a slice with an element."""
    if pattern is None:
        return False
    return file.text_of(pattern).startswith("Some") or (
        pattern.type == "slice_pattern"
        and any(child.type != "remaining_field_pattern" for child in pattern.named_children)
    )


def _matches_presence(file: RustFile, arm: Node, tests: Tests) -> bool:
    """Tell whether the `match` of an arm asks whether something is there."""
    match = rust.enclosing(arm, "match_expression")
    value = None if match is None else match.child_by_field_name("value")
    if value is None or match is None:
        return False
    if any(file.text_of(name) in tests.modes for name in rust.walk(value, "identifier", "field_identifier")):
        return True
    if any(_method(file, call) in tests.presence for call in rust.walk(value, "call_expression")):
        return True
    patterns = (node.child_by_field_name("pattern") for node in rust.walk(match, "match_arm"))
    return any(_takes_some(file, pattern) for pattern in patterns)


def _is_absence(file: RustFile, condition: Node, tests: Tests, *, holds: bool) -> bool:
    """Tell whether a condition that holds (or fails) says that something is not there, or the mode another."""
    return any(when == holds for when in _absences(file, condition, tests, _STEPS))


def _absences(file: RustFile, condition: Node, tests: Tests, steps: int) -> Iterator[bool]:
    """Give True for each part of a condition that says it by holding, False for each that says it by failing."""
    for operand, value in _stands_for(file, condition) if steps else ():
        negated = _is_negated(file, operand, condition)
        yield from (when != negated for when in _absences(file, value, tests, steps - 1))
    for call in rust.walk(condition, "call_expression"):
        method = _method(file, call)
        present = method in tests.presence
        negated = _is_negated(file, call, condition)
        if method in tests.absence and _picked_absent(file, call, tests):
            present = True  # what is not there was gathered: it is well when there is nothing
        if present or method in tests.absence:
            yield negated == present
    for node in rust.walk(condition, "scoped_identifier"):  # `paths.iter().all(Path::is_file)`
        given = node.parent is not None and node.parent.type == "arguments"
        if given and file.text_of(node).rpartition("::")[2] in tests.presence:
            yield _is_negated(file, node, condition)
    for node in rust.walk(condition, "binary_expression"):
        empty = _compares_length(file, node, tests)
        if empty is not None:
            yield _is_negated(file, node, condition) != empty
    yield from _asked_options(file, condition, tests)
    yield from (_is_other_mode(file, node, condition) for node in _mode_tests(file, condition, tests))


def _asked_options(file: RustFile, condition: Node, tests: Tests) -> Iterator[bool]:
    """Tell of each `if let Some(..)` and `if let None` whether it asks that what is wanted is not there."""
    for let in rust.walk(condition, "let_condition"):
        pattern, value = (let.child_by_field_name(field) for field in ("pattern", "value"))
        text = "" if pattern is None else file.text_of(pattern)
        if text.startswith(("Some", "None")):
            yield text.startswith("None") != (value is not None and _picked_absent(file, value, tests))


def _stands_for(file: RustFile, condition: Node) -> Iterator[tuple[Node, Node]]:
    """Give the operands of a condition that are variables, or calls of helper functions, with what they stand for."""
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        value = None
        if node.type in ("unary_expression", "parenthesized_expression", "let_chain") or _joins_truths(file, node):
            waiting.extend(node.named_children)
        elif node.type == "identifier":
            value = _value_of(file, node)
        elif node.type == "call_expression":
            callee = node.child_by_field_name("function")
            value = None if callee is None else _told_by(file, file.text_of(callee).rpartition("::")[2])
        if value is not None:
            yield node, value


def _joins_truths(file: RustFile, node: Node) -> bool:
    """Tell whether an expression combines conditions, or compares one with `true` or `false`."""
    if node.type != "binary_expression":
        return False
    right = node.child_by_field_name("right")
    return _operator(node) in ("&&", "||") or (right is not None and file.text_of(right) in ("true", "false"))


def _told_by(file: RustFile, name: str) -> Node | None:
    """Give the one expression that a helper function of the file is, when one of that name returns a bool."""
    for function in rust.functions(file) if name.isidentifier() else ():
        result, body = function.node.child_by_field_name("return_type"), function.body
        if function.name == name and result is not None and body is not None and file.text_of(result) == "bool":
            parts = [part for part in body.named_children if part.type not in ("line_comment", "block_comment")]
            return parts[0] if len(parts) == 1 and not parts[0].type.endswith("_statement") else None
    return None


def _compares_length(file: RustFile, node: Node, tests: Tests) -> bool | None:
    """Tell whether a comparison says that nothing is there, or that something is; None for other comparisons.

    What counts or gathers that which is not there says so the other way about.
    """
    left, right = (node.child_by_field_name(side) for side in ("left", "right"))
    if left is None or right is None:
        return None
    zero = _COMPARED.get((_operator(node), file.text_of(right)))
    if _method(file, left) == "len":
        return zero if zero is None or not _picked_absent(file, left, tests) else not zero
    counted = _value_of(file, left)
    return None if zero is None or counted is None or not _picks_absent(file, counted, tests) else not zero


_COMPARED = {("==", "0"): True, ("<", "1"): True, ("!=", "0"): False, (">", "0"): False, (">=", "1"): False}
"""Whether a number that compares so is zero."""


def _mode_tests(file: RustFile, condition: Node, tests: Tests) -> Iterator[Node]:
    """Give the comparisons of a mode: `mode == X`, `mode != X`, `matches!(mode, X)`."""
    for node in rust.walk(condition, "binary_expression", "macro_invocation"):
        names = {file.text_of(name) for name in rust.walk(node, "identifier", "field_identifier")}
        if not names.isdisjoint(tests.modes) and (node.type == "macro_invocation" or _operator(node) in ("==", "!=")):
            yield node


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return "" if operator is None else operator.type


def _is_other_mode(file: RustFile, node: Node, condition: Node) -> bool:
    return _is_negated(file, node, condition) != (_operator(node) == "!=")


def demands_presence(file: RustFile, place: Node, tests: Tests) -> bool:
    """Tell whether the macro named at `place` demands in its first argument that something is there."""
    macro = rust.enclosing(place, "macro_invocation")
    call = next((call for call in rust.macro_calls(file, macro) if call.name_node == place), None)
    said = () if call is None or not call.arguments else call.arguments[0]
    text = rust.nodes_text(file, said)
    methods = "|".join(map(re.escape, (*tests.presence, *tests.absence)))
    for match in re.finditer(rf"(!\s*)?[\w.&*()?]*\.({methods})\b", text):
        if (match[2] in tests.presence) == (match[1] is None):
            return True
    for before, node, after in zip((None, *said), said, (*said[1:], None), strict=False):
        named = node.type == "identifier" and (before is None or before.type != ".")
        helper = named and after is not None and after.type == "token_tree"
        value = _told_by(file, file.text_of(node)) if helper else _value_of(file, node) if named else None
        negated = before is not None and before.type == "!"
        if value is not None and negated in _absences(file, value, tests, _STEPS):
            return True
    return any(re.search(rf"\b{re.escape(mode)}\b", text) for mode in tests.modes)


def _picked_absent(file: RustFile, call: Node, tests: Tests) -> bool:
    """Tell whether a method is called on a variable that holds what was found not to be there."""
    function = call.child_by_field_name("function")
    receiver = None if function is None else function.child_by_field_name("value")
    value = None if receiver is None else _value_of(file, receiver)
    return value is not None and _picks_absent(file, value, tests)


def _value_of(file: RustFile, expression: Node) -> Node | None:
    """Give what the variable was bound to that an expression is; None for other expressions."""
    name = file.text_of(expression)
    function = rust.enclosing(expression, "function_item") if name.isidentifier() else None
    if function is None:
        return None
    found = None
    within = range(function.start_byte, expression.start_byte)
    for node in rust.find(file, "let_declaration"):
        pattern, value = (node.child_by_field_name(field) for field in ("pattern", "value"))
        if pattern is None or value is None or node.start_byte not in within or node.end_byte > expression.start_byte:
            continue
        if file.text_of(pattern).removeprefix("mut ") == name:
            found = value
        elif pattern.type == "tuple_pattern" and value.type == "tuple_expression":
            parts = zip(pattern.named_children, value.named_children, strict=False)
            found = next((part for bound, part in parts if file.text_of(bound) == name), found)
    return found


def _is_negated(file: RustFile, node: Node, within: Node) -> bool:
    count = 0
    current: Node | None = node
    while current is not None:
        if current.type == "unary_expression":
            count += file.source[current.start_byte : current.start_byte + 1] == b"!"
        elif current.type == "binary_expression":
            count += _SAYS_NO.search(file.text_of(current)) is not None
        current = None if current == within else current.parent
    return count % 2 == 1


_SAYS_NO = re.compile(r"(?:==\s*false|!=\s*true)\Z")


def _method(file: RustFile, call: Node) -> str:
    function = call.child_by_field_name("function")
    name = None if function is None else function.child_by_field_name("field") or function.child_by_field_name("name")
    return "" if name is None else file.text_of(name)


_OPTION_SOURCES = frozenset(
    {
        "as_ref",
        "as_deref",
        "as_mut",
        "first",
        "last",
        "get",
        "next",
        "find",
        "cloned",
        "copied",
        "clone",
        "take",
        "filter",
        "then",
        "then_some",
    }
)


def on_option(file: RustFile, place: Node) -> bool:
    """Tell whether the method named at `place` is called on what looks like an Option: a field, an accessor."""
    field = place.parent
    receiver = None if field is None else field.child_by_field_name("value")
    if receiver is None:
        return False
    return receiver.type in ("field_expression", "identifier") or _method(file, receiver) in _OPTION_SOURCES


def _gives_none(file: RustFile, call: Node) -> bool:
    return _method(file, call) in ("ok_or", "ok_or_else")
