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
        pattern = outer.child_by_field_name("pattern")
        text = "" if pattern is None else file.text_of(pattern)
        return text == "None" or (text in ("false", "_") and _matches_presence(file, outer, tests))
    return False


def _runs_over_absent(file: RustFile, outer: Node, inner: Node, tests: Tests) -> bool:
    """Tell whether `outer` is a loop over what was found not to be there."""
    if outer.type != "for_expression" or inner != outer.child_by_field_name("body"):
        return False
    value = outer.child_by_field_name("value")
    return value is not None and _picks_absent(file, value, tests)


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
    value = _value_of(file, condition)
    if value is not None:
        negated = file.text_of(condition).startswith("!")
        return _is_absence(file, value, tests, holds=holds != negated)
    for call in rust.walk(condition, "call_expression"):
        method = _method(file, call)
        present = method in tests.presence
        negated = _is_negated(file, call, condition)
        if method in tests.absence and _picked_absent(file, call, tests):
            present = True  # what is not there was gathered: it is well when there is nothing
        if (present or method in tests.absence) and (negated == present) == holds:
            return True
    for node in rust.walk(condition, "binary_expression"):
        empty = _compares_length(file, node)
        if empty is not None and (_is_negated(file, node, condition) != empty) == holds:
            return True
    for let in rust.walk(condition, "let_condition"):
        pattern = let.child_by_field_name("pattern")
        if pattern is not None and file.text_of(pattern).startswith("None" if holds else "Some"):
            return True
    return any(_is_other_mode(file, node, condition) == holds for node in _mode_tests(file, condition, tests))


def _compares_length(file: RustFile, node: Node) -> bool | None:
    """Tell whether a comparison says that a length is zero, or that it is not; None for other comparisons."""
    left, right = (node.child_by_field_name(side) for side in ("left", "right"))
    if left is None or right is None or _method(file, left) != "len" or file.text_of(right) != "0":
        return None
    return {"==": True, "!=": False, ">": False}.get(_operator(node))


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
    text = "" if call is None or not call.arguments else rust.nodes_text(file, call.arguments[0])
    methods = "|".join(map(re.escape, (*tests.presence, *tests.absence)))
    for match in re.finditer(rf"(!\s*)?[\w.&*()?]*\.({methods})\b", text):
        if (match[2] in tests.presence) == (match[1] is None):
            return True
    return any(re.search(rf"\b{re.escape(mode)}\b", text) for mode in tests.modes)


def _picked_absent(file: RustFile, call: Node, tests: Tests) -> bool:
    """Tell whether a method is called on a variable that holds what was found not to be there."""
    function = call.child_by_field_name("function")
    receiver = None if function is None else function.child_by_field_name("value")
    value = None if receiver is None else _value_of(file, receiver)
    return value is not None and _picks_absent(file, value, tests)


def _value_of(file: RustFile, expression: Node) -> Node | None:
    """Give what the variable was bound to that an expression is, negated or not; None for other expressions."""
    name = file.text_of(expression).lstrip("!").strip()
    function = rust.enclosing(expression, "function_item")
    if not re.fullmatch(r"\w+", name) or function is None:
        return None
    found = None
    for node in rust.walk(function, "let_declaration"):
        pattern, value = (node.child_by_field_name(field) for field in ("pattern", "value"))
        if pattern is not None and value is not None and node.end_byte <= expression.start_byte:
            found = value if file.text_of(pattern) == name else found
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
