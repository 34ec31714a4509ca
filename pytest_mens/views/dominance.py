"""What is known to hold at each exit of a Rust function: the guards that dominate it.

A function is walked along its control flow. At every point there is a predicate over *places* (`self.flag`, also
reached through local aliases, patterns, clones and elements of a collection) that holds there whatever happened
before. Conditions over anything else say nothing, so the predicate is never stronger than the truth. `debug_assert!`,
code under a cfg that its function does not have, and log messages add nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_mens.model import UnreadableError
from pytest_mens.views import cfg, rust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from pytest_mens.views.rust import Function, RustFile

HELPER_DEPTH = 3

_DIVERGING_CALLS = frozenset({"exit", "abort", "unreachable_unchecked", "panic_any", "resume_unwind"})
_SAME_PLACE = frozenset(
    {"clone", "cloned", "copied", "to_owned", "as_ref", "as_mut", "borrow", "borrow_mut", "unwrap", "expect", "deref"}
    | {"iter", "iter_mut", "into_iter", "as_slice", "rev", "enumerate", "first", "last", "get", "to_vec", "by_ref"}
)
_WRAPPERS = (
    "parenthesized_expression",
    "reference_expression",
    "try_expression",
    "unsafe_block",
    "await_expression",
    "index_expression",
    "type_cast_expression",
)
_COMMENTS = ("line_comment", "block_comment")
_ZERO = re.compile(r"0+(?:\.0*)?(?:_?[fiu](?:8|16|32|64|128|size))?")
_LOOPS = ("for_expression", "while_expression", "loop_expression")


@dataclass(frozen=True)
class Guards:
    """How the target's macros guard: `asserting` stop unless their first argument holds, `diverging` always stop."""

    asserting: tuple[str, ...] = ("assert", "ensure")
    diverging: tuple[str, ...] = ("panic", "unreachable", "unimplemented", "todo", "bail")


@dataclass(frozen=True)
class Facts:
    """What holds when a condition is true and when it is false; each may be weaker than the truth."""

    true: cfg.Predicate = cfg.TRUE
    false: cfg.Predicate = cfg.TRUE

    def swapped(self) -> Facts:
        """Give the facts of the negated condition."""
        return Facts(self.false, self.true)


UNKNOWN = Facts()


@dataclass(frozen=True)
class Exit:
    """A way out with a value, which is None at the end of a body without one; `holds` is known there."""

    node: Node
    value: Node | None
    holds: cfg.Predicate


@dataclass(frozen=True)
class Point:
    """A call or assignment on the way. `place` is the call's receiver or the assignment's left side, if it is a place.

    `conditional` tells that it stands in a closure, whose running is not known.
    """

    node: Node
    place: str | None
    holds: cfg.Predicate
    conditional: bool = False


@dataclass
class Walk:
    """The outcome: exits with a value, calls and assignments, and the places that were written before being tested."""

    function: Function
    exits: list[Exit] = field(default_factory=list)
    calls: list[Point] = field(default_factory=list)
    assignments: list[Point] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    end: cfg.Predicate | None = None

    def implied(self, wanted: cfg.Predicate) -> bool:
        """Tell whether `wanted` holds at every exit, the end of the body included."""
        states = [leaving.holds for leaving in self.exits]
        return all(cfg.implies(state, wanted) for state in states)


def place_atom(place: str) -> cfg.Atom:
    """Give the atom that stands for a boolean (or the presence of an optional) at `place`."""
    return cfg.Atom("place", place)


def walk_function(  # noqa: PLR0913 - two subjects, two vocabularies, two optional hooks
    function: Function,
    roots: Iterable[str],
    relevant: Callable[[str], bool],
    guards: Guards,
    *,
    resolve: Callable[[str], Function | None] | None = None,
    after_call: Callable[[Node, str, str | None], cfg.Predicate] | None = None,
    condition: Callable[[RustFile, Node, Node | None], Facts | None] | None = None,
) -> Walk:
    """Walk `function`. Places start at `roots` (`self`, parameters); `relevant` tells which of them conditions test.

    `resolve(name)` gives a helper method to look into; `after_call(node, name, place)` what a call's return implies.
    `condition(file, expression, pattern)` reads conditions of the caller's own kind: an expression that is true, or
    that matches `pattern`; None when it is no such condition.
    Raise UnreadableError when the body does not parse or is nested too deeply.
    """
    function.file.require_parsed(function.node)
    walker = _Walker(function, relevant, guards, resolve or (lambda _name: None), after_call)
    walker.condition_of = condition
    walker.places = {root: root for root in roots}
    try:
        walker.run()
    except RecursionError:
        raise UnreadableError(function.file.path, "nested too deeply to be followed") from None
    return walker.walk


def is_passed_on(file: RustFile, call: Node) -> bool:
    """Tell whether an error of a call leaves the function: `?`, `unwrap`, a tail, a returned value."""
    node = call
    while node.parent is not None:
        parent = node.parent
        if parent.type in ("try_expression", "return_expression"):
            return True
        if parent.type == "field_expression" and file.text_of(parent).endswith(("unwrap", "expect")):
            return True
        if parent.type not in ("field_expression", "call_expression", "await_expression"):
            return False
        node = parent
    return False


class _Walker:
    def __init__(
        self,
        function: Function,
        relevant: Callable[[str], bool],
        guards: Guards,
        resolve: Callable[[str], Function | None],
        after_call: Callable[[Node, str, str | None], cfg.Predicate] | None,
    ) -> None:
        self.function = function
        self.file = function.file
        self.relevant = relevant
        self.guards = guards
        self.resolve = resolve
        self.after_call = after_call
        self.places: dict[str, str] = {}
        self.flags: dict[str, Facts] = {}
        self.walk = Walk(function)
        self.depth = 0
        self.in_closure = 0
        self.condition = rust.local_cfg(function.file, function.node)
        self.condition_of: Callable[[RustFile, Node, Node | None], Facts | None] | None = None

    def run(self) -> None:
        body = self.function.body
        if body is not None:
            self.walk.end = self.tail(body, cfg.TRUE)

    # --- statements: each gives what holds afterwards, or None when control does not get there

    def tail(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:  # noqa: PLR0911 - one branch a kind of expression
        """Run an expression whose value the function gives back, and record the exits."""
        kind = node.type
        if kind in ("block", "unsafe_block"):
            return self.tail_block(node, state)
        if kind == "if_expression":
            return self.branches(node, state, self.tail)
        if kind == "match_expression":
            return self.match(node, state, self.tail)
        if kind in ("expression_statement", "parenthesized_expression"):
            return self.tail(_inner(node), state)
        if kind == "return_expression":
            return self.run_node(node, state)
        chosen = self.chosen(node, state)
        if chosen is not None:
            return chosen
        after = self.run_node(node, state)
        if after is not None and not self.in_closure:
            self.walk.exits.append(Exit(node, node, after))
        return None if after is None else after

    def chosen(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        """Run `condition.then(|| value)` and what is chained on it as the branch that it is."""
        call = node
        while call.type in ("call_expression", "try_expression"):
            callee = call.child_by_field_name("function")
            if call.type == "try_expression":
                call = _inner(call)
            elif callee is None or callee.type != "field_expression":
                return None
            elif self.text(callee.child_by_field_name("field")) in ("then", "then_some"):
                receiver = callee.child_by_field_name("value")
                body = _closure_body(call)
                if receiver is None or body is None:
                    return None
                facts = self.facts(receiver)
                self.tail(body, _and(state, facts.true))
                return state
            else:
                call = callee.child_by_field_name("value") or callee
        return None

    def tail_block(self, block: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        if block.type == "unsafe_block":
            return self.tail(_inner(block), state)
        statements = _statements(block)
        after: cfg.Predicate | None = state
        scope = dict(self.places), dict(self.flags)
        for index, statement in enumerate(statements):
            if after is None:
                break
            last = index == len(statements) - 1
            if last and _is_value(statement):
                after = self.tail(statement, after)
            else:
                after = self.statement(statement, after)
        else:
            if after is not None and not (statements and _is_value(statements[-1])) and not self.in_closure:
                self.walk.exits.append(Exit(block, None, after))
        self.places, self.flags = scope
        return after

    def statement(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        condition = rust.local_cfg(self.file, node)
        if condition != self.condition and not cfg.implies(self.condition, condition):
            self.run_node(node, state)  # what is compiled only sometimes proves nothing
            return state
        return self.run_node(node, state)

    def run_node(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        kind = node.type
        if kind == "expression_statement":
            return self.run_node(_inner(node), state)
        if kind == "if_expression":
            return self.branches(node, state, self.run_node)
        if kind == "match_expression":
            return self.match(node, state, self.run_node)
        if kind.endswith("_item") or kind in _COMMENTS:
            return state
        handler = {
            "let_declaration": self.let,
            "block": self.block,
            "unsafe_block": self.block,
            "return_expression": self.leave,
            "break_expression": self.jump,
            "continue_expression": self.jump,
            "macro_invocation": self.macro,
            "assignment_expression": self.assignment,
            "compound_assignment_expr": self.assignment,
            "binary_expression": self.binary,
            "call_expression": self.call,
            "closure_expression": self.free_closure,
            **dict.fromkeys(_LOOPS, self.loop),
        }.get(kind, self.children)
        return handler(node, state)

    def jump(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        self.children(node, state)
        return None

    def free_closure(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        self.closure(node, state)
        return state

    def children(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        after: cfg.Predicate | None = state
        for child in node.named_children:
            if after is None:
                return None
            after = self.run_node(child, after)
        return after

    def block(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        if node.type == "unsafe_block":
            return self.block(_inner(node), state)
        scope = dict(self.places), dict(self.flags)
        after: cfg.Predicate | None = state
        for statement in _statements(node):
            if after is not None:
                after = self.statement(statement, after)
        self.places, self.flags = scope
        return after

    def leave(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        value = node.named_children[0] if node.named_children else None
        if value is None:
            if not self.in_closure:
                self.walk.exits.append(Exit(node, None, state))
        else:
            self.tail(value, state)
        return None

    def let(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        value, pattern = node.child_by_field_name("value"), node.child_by_field_name("pattern")
        after: cfg.Predicate | None = state
        if value is not None:
            after = self.run_node(value, state)
        otherwise = node.child_by_field_name("alternative")
        if otherwise is not None and after is not None and value is not None and pattern is not None:
            facts = self.pattern_facts(pattern, value)
            self.run_node(otherwise, _and(after, facts.false))
            after = _and(after, facts.true)
        if pattern is not None:
            self.bind(pattern, value)
        return after

    def bind(self, pattern: Node, value: Node | None) -> None:
        kind = pattern.type
        if kind == "identifier":
            key = self.text(pattern)
            self.places.pop(key, None)
            self.flags.pop(key, None)
            if value is not None:
                self.bind_value(key, value)
        elif kind == "struct_pattern":
            self.bind_struct(pattern, None if value is None else self.place(value))
        elif kind in ("mut_pattern", "ref_pattern", "reference_pattern"):
            self.bind(_inner(pattern), value)
        elif kind == "tuple_struct_pattern":
            for inner in pattern.named_children[1:]:
                self.bind(inner, value)
        else:
            inner_values: list[Node | None] = [None] * len(pattern.named_children)
            if value is not None and value.type == "tuple_expression":
                inner_values = [*value.named_children, *inner_values]
            for inner, inner_value in zip(pattern.named_children, inner_values, strict=False):
                self.bind(inner, inner_value)

    def bind_value(self, key: str, value: Node) -> None:
        facts = self.facts(value)
        if facts != UNKNOWN:
            self.flags[key] = facts
        place = self.place(value)
        if place is not None:
            self.places[key] = place
        base = _overridden(value)
        if base is not None:  # `Type { flag: .., ..self.clone() }` is the same place with fields written
            place = self.place(base)
            if place is not None:
                self.places[key] = place
                self.write_fields(value, place)

    def bind_struct(self, pattern: Node, place: str | None) -> None:
        for inner in pattern.named_children:
            if inner.type != "field_pattern":
                continue
            key = inner.child_by_field_name("name")
            target = inner.child_by_field_name("pattern")
            bound = self.text(target if target is not None and target.type == "identifier" else key)
            self.flags.pop(bound, None)
            self.places.pop(bound, None)
            if place is not None:
                self.places[bound] = f"{place}.{self.text(key)}"

    def write_fields(self, literal: Node, place: str) -> None:
        body = literal.child_by_field_name("body")
        for child in [] if body is None else body.named_children:
            if child.type == "field_initializer":
                self.walk.written.add(f"{place}.{self.text(child.child_by_field_name('field'))}")

    def branches(
        self,
        node: Node,
        state: cfg.Predicate,
        run: Callable[[Node, cfg.Predicate], cfg.Predicate | None],
    ) -> cfg.Predicate | None:
        condition = node.child_by_field_name("condition")
        then = node.child_by_field_name("consequence")
        otherwise = node.child_by_field_name("alternative")
        facts = UNKNOWN if condition is None else self.facts(condition)
        before = state if condition is None else self.run_node(condition, state)
        if before is None:
            return None
        scope = dict(self.places), dict(self.flags)
        if condition is not None:
            self.bind_condition(condition)
        first = None if then is None else run(then, _and(before, facts.true))
        self.places, self.flags = scope
        second: cfg.Predicate | None = _and(before, facts.false)
        if otherwise is not None and second is not None:
            second = run(_inner(otherwise), second)
        elif run == self.tail and not self.in_closure and second is not None:
            self.walk.exits.append(Exit(node, None, second))
        return _or(first, second)

    def bind_condition(self, condition: Node) -> None:
        for inner in rust.walk(condition, "let_condition"):
            pattern = inner.child_by_field_name("pattern")
            if pattern is not None:
                self.bind(pattern, inner.child_by_field_name("value"))

    def match(
        self,
        node: Node,
        state: cfg.Predicate,
        run: Callable[[Node, cfg.Predicate], cfg.Predicate | None],
    ) -> cfg.Predicate | None:
        value, body = node.child_by_field_name("value"), node.child_by_field_name("body")
        before = state if value is None else self.run_node(value, state)
        after: cfg.Predicate | None = None
        for arm in [] if body is None else body.named_children:
            if arm.type != "match_arm" or before is None:
                continue
            condition = rust.local_cfg(self.file, arm)
            sometimes = condition != self.condition and not cfg.implies(self.condition, condition)
            pattern = arm.child_by_field_name("pattern")
            outcome = arm.child_by_field_name("value")
            if pattern is None or outcome is None or value is None:
                continue
            guard = pattern.child_by_field_name("condition")
            scope = dict(self.places), dict(self.flags)
            inner = pattern.children[0] if pattern.children else pattern  # `_` is no named node
            facts = self.pattern_facts(inner, value)
            if inner.type != "tuple_pattern" or value.type == "tuple_expression":
                self.bind(inner, value)
            if guard is not None:
                tested = self.facts(guard)
                facts = Facts(_and(facts.true, tested.true), _or(facts.false, tested.false) or cfg.TRUE)
            result = run(outcome, _and(before, facts.true))
            after = _or(after, result)
            self.places, self.flags = scope
            if not sometimes:
                before = _and(before, facts.false)
        return after

    def loop(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        value, pattern = node.child_by_field_name("value"), node.child_by_field_name("pattern")
        body, condition = node.child_by_field_name("body"), node.child_by_field_name("condition")
        before = state if value is None else self.run_node(value, state)
        if before is None or body is None:
            return before
        scope = dict(self.places), dict(self.flags)
        if pattern is not None:
            self.bind_element(pattern, value)
        inside = before if condition is None else _and(before, self.facts(condition).true)
        after = self.block(body, inside)
        self.places, self.flags = scope
        over_place = value is not None and self.place(value) is not None
        if over_place and after is not None and not any(rust.walk(body, "break_expression", "continue_expression")):
            return after  # what holds of every element holds of the place that stands for them all
        return before

    def bind_element(self, pattern: Node, value: Node | None) -> None:
        """Bind a loop's or closure's pattern to the elements of `value`: `x`, `&x`, `(i, x)`."""
        place = None if value is None else self.place(value)
        names = [self.text(node) for node in rust.walk(pattern, "identifier")]
        for key in names:
            self.places.pop(key, None)
            self.flags.pop(key, None)
        if names and place is not None:
            self.places[names[-1]] = place

    def assignment(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        after = state if right is None else self.run_node(right, state)
        if left is None or after is None:
            return after
        place = self.place(left)
        self.walk.assignments.append(Point(node, place, after, bool(self.in_closure)))
        if left.type == "identifier":
            self.bind(left, right)
        elif place is not None:
            self.walk.written.add(place)
        return after

    def binary(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = self.text(node.child_by_field_name("operator"))
        if left is None or right is None:
            return state
        before = self.run_node(left, state)
        if operator not in ("&&", "||") or before is None:
            return None if before is None else self.run_node(right, before)
        facts = self.facts(left) if operator == "&&" else self.facts(left).swapped()
        return _or(_and(before, facts.false), self.run_node(right, _and(before, facts.true)))

    def call(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is not None and callee.type == "generic_function":
            callee = callee.child_by_field_name("function")
        receiver = None
        after: cfg.Predicate | None = state
        if callee is not None and callee.type == "field_expression":
            receiver = callee.child_by_field_name("value")
            after = state if receiver is None else self.run_node(receiver, state)
        elif callee is not None and callee.type not in ("identifier", "scoped_identifier"):
            after = self.run_node(callee, state)  # such as a closure that is called at once
        for argument in [] if arguments is None else arguments.named_children:
            if after is not None:
                after = self.argument(argument, receiver, after)
        if after is None or callee is None:
            return after
        method = callee.type == "field_expression"
        called = self.text(callee.child_by_field_name("field") if method else callee).rpartition("::")[2]
        if called in _DIVERGING_CALLS and not method:
            return None
        if receiver is None and arguments is not None and arguments.named_children:
            receiver = arguments.named_children[0]
        place = None if receiver is None else self.place(receiver)
        self.walk.calls.append(Point(node, place, after, bool(self.in_closure)))
        if self.after_call is not None and not self.in_closure and place not in self.walk.written:
            after = _and(after, self.after_call(node, called, place))
        return after

    def argument(self, node: Node, receiver: Node | None, state: cfg.Predicate) -> cfg.Predicate | None:
        if node.type == "scoped_identifier":  # `.map(Type::method)` calls it on the elements
            place = None if receiver is None else self.place(receiver)
            self.walk.calls.append(Point(node, place, state, conditional=True))
            return state
        if node.type != "closure_expression":
            return self.run_node(node, state)
        self.closure(node, state, receiver)
        return state

    def closure(self, node: Node, state: cfg.Predicate, receiver: Node | None = None) -> None:
        body = node.child_by_field_name("body")
        if body is None:
            return
        scope = dict(self.places), dict(self.flags)
        listed = node.child_by_field_name("parameters")
        for parameter in [] if listed is None else listed.named_children:
            self.bind_element(parameter.child_by_field_name("pattern") or parameter, receiver)
        self.in_closure += 1
        self.run_node(body, state)
        self.in_closure -= 1
        self.places, self.flags = scope

    def macro(self, node: Node, state: cfg.Predicate) -> cfg.Predicate | None:
        label = self.text(node.child_by_field_name("macro")).rpartition("::")[2]
        if label in self.guards.diverging:
            return None
        base, _, suffix = label.partition("_")
        if base not in self.guards.asserting or suffix not in ("", "eq", "ne"):
            return state
        arguments = _macro_arguments(self.file, node)
        if suffix and len(arguments) >= 2:
            facts = self.comparison(*arguments[0], *arguments[1], equal=suffix == "eq")
        elif arguments and not suffix:
            facts = self.facts_in(*arguments[0])
        else:
            facts = UNKNOWN
        return _and(state, facts.true)

    # --- conditions

    def facts_in(self, file: RustFile, node: Node) -> Facts:
        """Give the facts of a condition that stands in another text, a macro's argument."""
        outer, self.file = self.file, file
        try:
            return self.facts(node)
        finally:
            self.file = outer

    def facts(self, node: Node) -> Facts:  # noqa: PLR0911 - one branch a kind of expression
        kind = node.type
        own = None if self.condition_of is None else self.condition_of(self.file, node, None)
        if own is not None:
            return own
        if kind == "boolean_literal":
            always = Facts(cfg.TRUE, cfg.FALSE)
            return always if self.text(node) == "true" else always.swapped()
        if kind == "unary_expression" and self.text(node).startswith("!"):
            return self.facts(_inner(node)).swapped()
        if kind in ("parenthesized_expression", "reference_expression") or (
            kind == "unary_expression" and self.text(node).startswith("*")
        ):
            return self.facts(_inner(node))
        if kind == "binary_expression":
            return self.binary_facts(node)
        if kind in ("let_condition", "let_chain"):
            return self.let_facts(node)
        if kind == "macro_invocation":
            return self.macro_facts(node)
        if kind == "identifier" and self.text(node) in self.flags:
            return self.flags[self.text(node)]
        place = self.place(node) if kind in ("identifier", "field_expression") else None
        if place is not None:
            return self.place_facts(place)
        return self.call_facts(node) if kind == "call_expression" else UNKNOWN

    def place_facts(self, place: str) -> Facts:
        if not self.relevant(place) or place in self.walk.written:
            return UNKNOWN
        return Facts(place_atom(place), cfg.Not(place_atom(place)))

    def binary_facts(self, node: Node) -> Facts:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = self.text(node.child_by_field_name("operator"))
        if left is None or right is None:
            return UNKNOWN
        if operator in ("==", "!="):
            return self.comparison(self.file, left, self.file, right, equal=operator == "==")
        if operator in (">", "<"):  # above zero is not zero
            zero, tested = (right, left) if operator == ">" else (left, right)
            return self.facts(tested) if _ZERO.fullmatch(self.text(zero)) else UNKNOWN
        one, two = self.facts(left), self.facts(right)
        if operator in ("&&", "&"):
            return Facts(_and(one.true, two.true), _or(one.false, two.false) or cfg.FALSE)
        if operator in ("||", "|"):
            return Facts(_or(one.true, two.true) or cfg.FALSE, _and(one.false, two.false))
        return UNKNOWN

    def comparison(self, left_file: RustFile, left: Node, right_file: RustFile, right: Node, *, equal: bool) -> Facts:
        """Read `x == false`, `x != 0.0`, `None == x` and the like."""
        for file, node, other_file, other in (
            (left_file, left, right_file, right),
            (right_file, right, left_file, left),
        ):
            constant = other_file.text_of(other)
            if constant == "true":
                facts = self.facts_in(file, node)
            elif constant in ("false", "None") or _ZERO.fullmatch(constant):
                facts = self.facts_in(file, node).swapped()
            else:
                continue
            return facts if equal else facts.swapped()
        return UNKNOWN

    def let_facts(self, node: Node) -> Facts:
        if node.type == "let_chain":
            parts = [self.facts(child) for child in node.named_children]
            return Facts(cfg.conjoin(part.true for part in parts), cfg.AnyOf(tuple(part.false for part in parts)))
        pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
        return UNKNOWN if pattern is None or value is None else self.pattern_facts(pattern, value)

    def pattern_facts(self, pattern: Node, value: Node) -> Facts:
        """Give what it says of `value` that `pattern` matches it, or does not."""
        own = None if self.condition_of is None else self.condition_of(self.file, value, pattern)
        if own is not None:
            return own
        text = "".join(self.text(pattern).split())
        if pattern.type == "_" or (pattern.type == "identifier" and not text[:1].isupper()):
            return Facts(cfg.TRUE, cfg.FALSE)
        if pattern.type == "struct_pattern":
            return self.struct_facts(pattern, self.place(value))
        if pattern.type == "tuple_pattern" and value.type == "tuple_expression":
            pairs = zip(pattern.named_children, value.named_children, strict=False)
            parts = [self.pattern_facts(inner, inner_value) for inner, inner_value in pairs]
            true = cfg.conjoin(part.true for part in parts)
            return Facts(true, cfg.AnyOf(tuple(part.false for part in parts)))
        facts = self.facts(value)
        if text == "true" or text.startswith("Some("):
            return facts
        return facts.swapped() if text in ("false", "None") else UNKNOWN

    def struct_facts(self, pattern: Node, place: str | None) -> Facts:
        """Read `Self { flag: true, .. }`."""
        parts = []
        for inner in pattern.named_children:
            key = inner.child_by_field_name("name") if inner.type == "field_pattern" else None
            tested = inner.child_by_field_name("pattern") if key is not None else None
            if place is not None and tested is not None and self.text(tested) in ("true", "false"):
                facts = self.place_facts(f"{place}.{self.text(key)}")
                parts.append(facts if self.text(tested) == "true" else facts.swapped())
        # a struct has no other shape than the pattern's, an enum's variant has
        only_shape = self.text(pattern.child_by_field_name("type")) in ("Self", self.function.owner)
        single = only_shape and len(parts) == 1
        return Facts(cfg.conjoin(part.true for part in parts), parts[0].false if single else cfg.TRUE)

    def macro_facts(self, node: Node) -> Facts:
        if self.text(node.child_by_field_name("macro")).rpartition("::")[2] != "matches":
            return UNKNOWN
        arguments = _macro_arguments(self.file, node, pattern=True)
        if len(arguments) < 2:
            return UNKNOWN
        file, value = arguments[0]
        text = "".join(arguments[1][0].text_of(arguments[1][1]).split())
        facts = self.facts_in(file, value)
        if text == "true" or text.startswith("Some("):
            return facts
        return facts.swapped() if text in ("false", "None") else UNKNOWN

    def call_facts(self, node: Node) -> Facts:  # noqa: PLR0911 - one branch a kind of expression
        callee = node.child_by_field_name("function")
        if callee is None or callee.type != "field_expression":
            return UNKNOWN
        receiver, called = callee.child_by_field_name("value"), self.text(callee.child_by_field_name("field"))
        if receiver is None:
            return UNKNOWN
        if called in ("is_some", "is_none"):
            facts = self.facts(receiver)
            return facts if called == "is_some" else facts.swapped()
        if called in ("all", "any"):
            return self.quantified(node, receiver, called)
        if called in ("clone", "to_owned", "then_some"):
            return self.facts(receiver)
        helper = self.resolve(called)
        place = self.place(receiver)
        if helper is None or helper.body is None or place is None or self.depth >= HELPER_DEPTH:
            return UNKNOWN
        return self.helper_facts(helper, place)

    def quantified(self, call: Node, receiver: Node, called: str) -> Facts:
        """Read `.all(|x| p(x))` as `p` of the place for the elements, where true; `.any` the other way round."""
        closure = next(iter(rust.walk(call.child_by_field_name("arguments") or call, "closure_expression")), None)
        body = None if closure is None else closure.child_by_field_name("body")
        if closure is None or body is None:
            return UNKNOWN
        scope = dict(self.places), dict(self.flags)
        listed = closure.child_by_field_name("parameters")
        for parameter in [] if listed is None else listed.named_children:
            self.bind_element(parameter.child_by_field_name("pattern") or parameter, receiver)
        facts = self.facts(body)
        self.places, self.flags = scope
        return Facts(facts.true, cfg.TRUE) if called == "all" else Facts(cfg.TRUE, facts.false)

    def helper_facts(self, helper: Function, place: str) -> Facts:
        """Read a method such as `fn rotates(&self) -> bool { self.use_rope }` for a receiver at `place`."""
        statements = [] if helper.body is None else _statements(helper.body)
        if len(statements) != 1 or not _is_value(statements[0]):
            return UNKNOWN
        scope = self.places, self.flags
        self.places, self.flags = {"self": place}, {}
        self.depth += 1
        facts = self.facts_in(helper.file, _unwrapped(statements[0]))
        self.depth -= 1
        self.places, self.flags = scope
        return facts

    # --- places

    def place(self, node: Node) -> str | None:
        """Give the place that an expression stands for, elements and clones of it included; None for anything else."""
        kind = node.type
        if kind in ("identifier", "self"):
            return self.places.get(self.text(node))
        if kind in _WRAPPERS or (kind == "unary_expression" and self.text(node).startswith("*")):
            return self.place(_inner(node))
        if kind == "field_expression":
            base = node.child_by_field_name("value")
            place = None if base is None else self.place(base)
            return None if place is None else f"{place}.{self.text(node.child_by_field_name('field'))}"
        if kind == "call_expression":
            callee = node.child_by_field_name("function")
            base = None if callee is None else callee.child_by_field_name("value")
            known = callee is not None and callee.type == "field_expression" and base is not None
            if known and callee is not None and self.text(callee.child_by_field_name("field")) in _SAME_PLACE:
                return None if base is None else self.place(base)
        return None

    def text(self, node: Node | None) -> str:
        return "" if node is None else self.file.text_of(node)


# --- syntax ---------------------------------------------------------------------------------------------------------


def _and(left: cfg.Predicate, right: cfg.Predicate) -> cfg.Predicate:
    return cfg.conjoin((left, right))


def _or(left: cfg.Predicate | None, right: cfg.Predicate | None) -> cfg.Predicate | None:
    if left is None or right is None:
        return right if left is None else left
    return left if left == right else cfg.AnyOf((left, right))


def _inner(node: Node) -> Node:
    by_field = node.child_by_field_name("value")
    skipped = (*_COMMENTS, "mutable_specifier")
    return by_field or next((child for child in node.named_children if child.type not in skipped), node)


def _statements(block: Node) -> list[Node]:
    skipped = (*_COMMENTS, "attribute_item", "inner_attribute_item", "label", "empty_statement")
    return [child for child in block.named_children if child.type not in skipped]


def _is_value(statement: Node) -> bool:
    """Tell whether the last statement of a block is its value: no semicolon, no declaration."""
    if statement.type == "expression_statement":
        return statement.children[-1].type != ";"
    return not statement.type.endswith(("_declaration", "_item"))


def _unwrapped(statement: Node) -> Node:
    return _inner(statement) if statement.type == "expression_statement" else statement


def _closure_body(call: Node) -> Node | None:
    arguments = call.child_by_field_name("arguments")
    first = None if arguments is None else next(iter(arguments.named_children), None)
    if first is None or first.type != "closure_expression":
        return first
    return first.child_by_field_name("body")


def _overridden(literal: Node) -> Node | None:
    """Give `base` of `Type { .., ..base }`."""
    if literal.type != "struct_expression":
        return None
    body = literal.child_by_field_name("body")
    for child in [] if body is None else body.named_children:
        if child.type == "base_field_initializer":
            return child.named_children[-1]
    return None


def _macro_arguments(file: RustFile, node: Node, *, pattern: bool = False) -> list[tuple[RustFile, Node]]:
    """Parse the arguments of a macro as expressions, the second of `matches!` as a pattern."""
    tree = next((child for child in node.children if child.type == "token_tree"), None)
    found = []
    for index, group in enumerate([] if tree is None else rust.token_groups(tree)):
        if not group:
            continue
        text = file.source[group[0].start_byte : group[-1].end_byte].decode("utf-8", "replace")
        as_pattern = pattern and index == 1
        source = f"fn f() {{ match x {{ {text} => () }} }}" if as_pattern else f"fn f() {{ let _ = {text}; }}"
        parsed = rust.parse(source, file.path)
        holder = next(iter(rust.walk(parsed.root, "match_arm" if as_pattern else "let_declaration")), None)
        inner = None if holder is None else holder.child_by_field_name("pattern" if as_pattern else "value")
        if inner is not None and not inner.has_error:
            found.append((parsed, inner))
        else:
            found.append((parsed, parsed.root))
    return found
