"""What a Rust function computes, as a term: two functions are equal up to spelling when their terms are.

Comments, names of locals, `let`s, casts, references, clones, brackets, the order of `+` and `*`, early returns against
`else`, and calls of helpers that can be seen make no difference. What is not understood stays an opaque atom made of
what it contains, so that a difference inside it remains a difference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from pytest_mens.model import UnreadableError
from pytest_mens.views import rust
from pytest_mens.views.terms import Atom, Term, atom, name, number, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tree_sitter import Node

    from pytest_mens.views.rust import Function, RustFile

INLINE_DEPTH = 3
SPLIT_LIMIT = 6
"""Branches along one path that are followed to the end; further ones become opaque."""

_IDENTITY_METHODS = frozenset(
    {"clone", "cloned", "copied", "to_owned", "into", "as_ref", "as_mut", "borrow", "borrow_mut", "unwrap", "expect"}
)
_IDENTITY_CALLS = frozenset({"Ok", "Some", "Box::new", "Arc::new", "Rc::new"})
_OPERATOR_METHODS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "neg": "neg"}
_NUMERIC = frozenset(f"{kind}{bits}" for kind in ("i", "u") for bits in ("8", "16", "32", "64", "128", "size")) | {
    "f32",
    "f64",
}
_SILENT_MACROS = re.compile(r"(?:debug_)?assert(?:_eq|_ne)?\Z|(?:e?print(?:ln)?|trace|debug|info|warn|error|dbg)\Z")
_NUMBER = re.compile(
    r"(0x[0-9a-f]+|0o[0-7]+|0b[01]+|[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?\.?)[iuf]?(?:8|16|32|64|128|size)?"
)
_COMPARISONS = {">": "<", ">=": "<=", "<": "<", "<=": "<="}


@dataclass(frozen=True)
class Rules:
    """What counts as spelling beside the language itself.

    `transparent` are methods and associated functions that give their receiver or argument back (`val`,
    `from_tensor`); `operators` are methods that stand for an operator (`mul_scalar` for `*`).
    """

    transparent: tuple[str, ...] = ()
    operators: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """An expression, assignment or field initialiser, and what it was found to compute."""

    file: RustFile
    node: Node
    term: Term


@dataclass(frozen=True)
class Parameter:
    """A parameter as written: its name and the last segment of its type, references and generics dropped."""

    name: str
    type: str


@dataclass
class Computation:
    """A function read: what it gives back, its parameters, and every step in the order of evaluation."""

    function: Function
    result: Term
    parameters: tuple[Parameter, ...]
    steps: list[Step]

    def first(self, wanted: Callable[[Step], bool]) -> Step | None:
        """Give the first (innermost) step that is `wanted`."""
        return next((step for step in self.steps if wanted(step)), None)


Env = dict[str, Term]


@dataclass(frozen=True)
class _Leave:
    """The end of a block whose statements were put in line: what it declared is forgotten there."""

    outer: Env
    declared: frozenset[str]


def compute(
    function: Function,
    rules: Rules,
    resolve: Callable[[str | None, str], Function | None] | None = None,
    constants: Callable[[str], tuple[RustFile, Node] | None] | None = None,
) -> Computation:
    """Read `function`. `resolve(owner, name)` gives helpers to look into, `constants(name)` the value of a constant.

    Raise UnreadableError when the body does not parse or is nested too deeply.
    """
    function.file.require_parsed(function.node)
    reader = _Reader(rules, resolve or (lambda _owner, _name: None), constants or (lambda _name: None))
    parameters = parameters_of(function)
    try:
        result = reader.function(function, [atom("param", str(index)) for index in range(len(parameters))])
    except RecursionError:
        raise UnreadableError(function.file.path, "nested too deeply to be compared") from None
    return Computation(function, result, parameters, reader.steps)


def expression(file: RustFile, node: Node, rules: Rules) -> Term:
    """Give the term of one expression whose names are all free, such as a formula in a document."""
    reader = _Reader(rules, lambda _owner, _name: None, lambda _name: None)
    return reader.value(file, node, {})


def parameters_of(function: Function) -> tuple[Parameter, ...]:
    """Give the parameters of a function, `self` left out."""
    found = []
    listed = function.node.child_by_field_name("parameters")
    for node in [] if listed is None else listed.named_children:
        if node.type == "parameter":
            pattern, kind = node.child_by_field_name("pattern"), node.child_by_field_name("type")
            text = "" if pattern is None else function.file.text_of(pattern)
            found.append(Parameter(text.removeprefix("mut "), type_name(function.file, kind)))
    return tuple(found)


def type_name(file: RustFile, node: Node | None) -> str:
    """Give the last segment of a type without references, generics and lifetimes."""
    while node is not None and node.type in ("reference_type", "generic_type"):
        node = node.child_by_field_name("type")
    if node is None:
        return ""
    return file.text_of(node).rpartition("::")[2].strip()


def part(term: Term, wanted: str) -> Term:
    """Give the field `wanted` of what `term` stands for, looking into literals and updates."""
    single = term.single
    if single is not None and single.kind == "update":
        inner = single.term(0)
        return single.term(2) if single.parts[1] == wanted else part(inner, wanted)
    if single is not None and single.kind == "struct":
        for key, value in zip(single.parts[2::2], single.parts[3::2], strict=True):
            if key == wanted and isinstance(value, Term):
                return value
        base = single.term(1)
        if base.constant != 0:
            return part(base, wanted)
    return atom("field", term, wanted)


class _Reader:
    """Evaluates one function, and the helpers it calls, symbolically."""

    def __init__(
        self,
        rules: Rules,
        resolve: Callable[[str | None, str], Function | None],
        constants: Callable[[str], tuple[RustFile, Node] | None],
    ) -> None:
        self.rules = rules
        self.resolve = resolve
        self.constants = constants
        self.steps: list[Step] = []
        self.stack: list[Function] = []
        self.types: dict[str, str] = {}
        self.bound = 0

    def function(self, function: Function, arguments: Sequence[Term]) -> Term:
        env: Env = {"self": name("self")}
        parameters = parameters_of(function)
        listed = function.node.child_by_field_name("parameters")
        patterns = [] if listed is None else [node for node in listed.named_children if node.type == "parameter"]
        self.stack.append(function)
        for parameter, pattern, argument in zip(parameters, patterns, arguments, strict=False):
            if len(self.stack) == 1:
                self.types[argument.text] = parameter.type
            self.bind(function.file, pattern.child_by_field_name("pattern"), argument, env)
        body = function.body
        result = atom("unit") if body is None else self.block(function.file, body, env)
        self.stack.pop()
        return result

    # --- statements

    def block(self, file: RustFile, node: Node, env: Env) -> Term:
        return self.sequence(file, _statements(node), dict(env), (), 0)

    def sequence(  # noqa: C901, PLR0912 - one branch a kind of statement
        self, file: RustFile, statements: Sequence[Node | _Leave], env: Env, effects: tuple[Term, ...], splits: int
    ) -> Term:
        for index, statement in enumerate(statements):
            rest = statements[index + 1 :]
            if isinstance(statement, _Leave):
                _leave_scope(env, statement)
                continue
            inner, ends = _unwrapped(statement)
            kind = inner.type
            if kind == "let_declaration":
                self.let(file, inner, env)
            elif kind == "return_expression":
                return _with_effects(effects, self.returned(file, inner, env))
            elif kind == "if_expression" and splits < SPLIT_LIMIT:
                return _with_effects(effects, self.split(file, inner, rest, env, splits))
            elif kind in ("block", "unsafe_block") and (rest or ends):
                body = inner if kind == "block" else inner.named_children[0]
                opened = [*_statements(body), _scope_end(file, body, env), *rest]
                return _with_effects(effects, self.sequence(file, opened, env, (), splits))
            elif kind in ("assignment_expression", "compound_assignment_expr"):
                effects = (*effects, *self.assign(file, inner, env))
            elif kind == "macro_invocation" and _is_silent(file, inner):
                continue
            elif kind == "const_item":
                self.bind(file, inner.child_by_field_name("name"), self.optional(file, inner, "value", env), env)
            elif kind in ("for_expression", "while_expression", "loop_expression"):
                effects = (*effects, self.loop(file, inner, env))
            elif kind.endswith(("_item", "_declaration")) or kind == "empty_statement":
                continue
            elif not rest and not ends:
                return _with_effects(effects, self.value(file, inner, env))
            else:
                effects = (*effects, self.value(file, inner, env))
        return _with_effects(effects, atom("unit"))

    def let(self, file: RustFile, node: Node, env: Env) -> None:
        value = self.optional(file, node, "value", env)
        self.bind(file, node.child_by_field_name("pattern"), value, env)

    def returned(self, file: RustFile, node: Node, env: Env) -> Term:
        return self.value(file, node.named_children[0], env) if node.named_children else atom("unit")

    def split(self, file: RustFile, node: Node, rest: Sequence[Node | _Leave], env: Env, splits: int) -> Term:
        """Follow both branches of an `if` to the end of the function."""
        inside = dict(env)
        condition = self.condition(file, node.child_by_field_name("condition"), inside)
        then = node.child_by_field_name("consequence")
        yes = self.spliced(file, then, rest, env)
        otherwise = node.child_by_field_name("alternative")
        no = self.spliced(file, None if otherwise is None else otherwise.named_children[-1], rest, env)
        first = self.sequence(file, yes, inside, (), splits + 1)
        second = self.sequence(file, no, dict(env), (), splits + 1)
        return choice(condition, first, second)

    def spliced(
        self, file: RustFile, branch: Node | None, rest: Sequence[Node | _Leave], env: Env
    ) -> list[Node | _Leave]:
        """Give the statements of a branch followed by what comes after the `if`."""
        if branch is None:
            return list(rest)
        inside: list[Node | _Leave] = _statements(branch) if branch.type == "block" else [branch]
        return [*inside, _scope_end(file, branch, env), *rest] if rest else inside

    def loop(self, file: RustFile, node: Node, env: Env) -> Term:
        """Read a loop as one atom; what it assigns is known afterwards only as its outcome."""
        header = [self.optional(file, node, "value", env)]
        inside = dict(env)
        self.bound += 1
        self.bind(file, node.child_by_field_name("pattern"), atom("each", str(self.bound), *header), inside)
        changed = sorted(_assigned(file, node) & env.keys(), key=list(env).index)
        for position, key in enumerate(changed):
            inside[key] = atom("before", str(self.bound), str(position), env[key])
        condition = node.child_by_field_name("condition")
        if condition is not None:
            header.append(self.condition(file, condition, inside))
        body = node.child_by_field_name("body")
        after = dict(inside)
        result = self.sequence(file, [] if body is None else _statements(body), after, (), SPLIT_LIMIT)
        self.bound -= 1
        whole = atom("loop", node.type, *header, result, *(after.get(key, name(key)) for key in changed))
        for position, key in enumerate(changed):
            env[key] = atom("outcome", str(position), whole)
        return whole

    def assign(self, file: RustFile, node: Node, env: Env) -> tuple[Term, ...]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return (self.opaque(file, node, env),)
        value = self.value(file, right, env)
        if node.type == "compound_assignment_expr":
            operator = node.child_by_field_name("operator")
            sign = "" if operator is None else file.text_of(operator).removesuffix("=")
            value = _binary(sign, self.value(file, left, env), value)
        self.step(file, node, value)
        route: list[str] = []
        while left.type in ("field_expression", "unary_expression", "parenthesized_expression"):
            if left.type == "field_expression":
                route.insert(0, file.text_of(left.child_by_field_name("field") or left))
            left = left.child_by_field_name("value") or left.named_children[0]
        if left.type not in ("identifier", "self"):
            return (atom("store", self.value(file, left, env), *route, value),)
        key = file.text_of(left)
        env[key] = _updated(env.get(key, name(key)), route, value)
        return ()

    def bind(self, file: RustFile, pattern: Node | None, value: Term, env: Env) -> None:
        if pattern is None:
            return
        kind = pattern.type
        if kind in ("identifier", "shorthand_field_identifier"):
            env[file.text_of(pattern)] = value
        elif kind in ("tuple_pattern", "slice_pattern"):
            self.bind_elements(file, pattern, value, env)
        elif kind == "struct_pattern":
            for inner in pattern.named_children:
                if inner.type == "field_pattern":
                    key = inner.child_by_field_name("name")
                    target = inner.child_by_field_name("pattern") or key
                    self.bind(file, target, part(value, "" if key is None else file.text_of(key)), env)
        elif kind == "tuple_struct_pattern":
            path, *inner_patterns = pattern.named_children
            label = _short_path(file.text_of(path))
            for index, inner in enumerate(inner_patterns):
                whole = label in _IDENTITY_CALLS
                self.bind(file, inner, value if whole else atom("inside", label, str(index), value), env)
        else:  # `mut x`, `ref x`, `&x`, `x @ p`
            for inner in pattern.named_children:
                self.bind(file, inner, value, env)

    def bind_elements(self, file: RustFile, pattern: Node, value: Term, env: Env) -> None:
        elements = [child for child in pattern.children[1:-1] if child.type != ","]
        rest = next((at for at, child in enumerate(elements) if child.type == "remaining_field_pattern"), None)
        for index, inner in enumerate(elements):
            if inner.type not in ("_", "remaining_field_pattern"):
                at = index if rest is None or index < rest else index - len(elements)
                self.bind(file, inner, _element(value, at), env)

    # --- expressions

    def value(self, file: RustFile, node: Node, env: Env) -> Term:
        result = self.expression(file, node, env)
        self.step(file, node, result)
        return result

    def step(self, file: RustFile, node: Node, term: Term) -> None:
        self.steps.append(Step(file, node, term))

    def optional(self, file: RustFile, node: Node, wanted: str, env: Env) -> Term:
        inner = node.child_by_field_name(wanted)
        return atom("nothing") if inner is None else self.value(file, inner, env)

    def expression(self, file: RustFile, node: Node, env: Env) -> Term:
        kind = node.type
        simple = _literal(file, node)
        if simple is not None:
            return simple
        if kind in ("identifier", "self", "scoped_identifier", "generic_function"):
            return self.path(file, node, env)
        if kind in ("parenthesized_expression", "reference_expression", "try_expression", "await_expression"):
            return self.value(file, _operand(node), env)
        if kind == "type_cast_expression":
            return self.optional(file, node, "value", env)
        handler = {
            "binary_expression": self.binary,
            "unary_expression": self.unary,
            "field_expression": self.field,
            "index_expression": self.index,
            "call_expression": self.call,
            "struct_expression": self.struct,
            "block": self.block,
            "if_expression": self.if_expression,
            "match_expression": self.match,
            "closure_expression": self.closure,
            "macro_invocation": self.macro,
            "return_expression": self.returned,
        }.get(kind, self.opaque)
        return handler(file, node, env)

    def opaque(self, file: RustFile, node: Node, env: Env) -> Term:
        """Keep what is not interpreted by its kind and what it contains."""
        kinds = {"tuple_expression": "tuple", "array_expression": "array"}
        children = [child for child in node.named_children if not child.type.endswith("comment")]
        if not children:
            return atom(node.type, file.text_of(node))
        return atom(kinds.get(node.type, node.type), *(self.value(file, child, env) for child in children))

    def path(self, file: RustFile, node: Node, env: Env) -> Term:
        text = file.text_of(node)
        if text in env:
            return env[text]
        short = self.short(text)
        constant = self.constants(short.rpartition("::")[2])
        if constant is not None and len(self.stack) <= INLINE_DEPTH:
            return self.value(*constant, {})
        return name(short)

    def short(self, text: str) -> str:
        """Give the last segment of a path, with its type before it, `Self` resolved."""
        short = _short_path(text)
        owner = self.stack[-1].owner if self.stack else None
        return f"{owner}{short[4:]}" if owner and (short == "Self" or short.startswith("Self::")) else short

    def binary(self, file: RustFile, node: Node, env: Env) -> Term:
        left, right = self.optional(file, node, "left", env), self.optional(file, node, "right", env)
        operator = node.child_by_field_name("operator")
        return _binary("" if operator is None else file.text_of(operator), left, right)

    def unary(self, file: RustFile, node: Node, env: Env) -> Term:
        operand = self.value(file, node.named_children[0], env)
        sign = file.text_of(node)[0]
        if sign == "-":
            return -operand
        return negated(operand) if sign == "!" else operand

    def field(self, file: RustFile, node: Node, env: Env) -> Term:
        base = self.optional(file, node, "value", env)
        wanted = node.child_by_field_name("field")
        text = "" if wanted is None else file.text_of(wanted)
        return _element(base, int(text)) if text.isdigit() else part(base, text)

    def index(self, file: RustFile, node: Node, env: Env) -> Term:
        base, at = (self.value(file, child, env) for child in node.named_children[:2])
        constant = at.constant
        if constant is not None and constant.denominator == 1:
            return _element(base, int(constant))
        return atom("index", base, at)

    def struct(self, file: RustFile, node: Node, env: Env) -> Term:
        label = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        fields: dict[str, Term] = {}
        base = Term()
        for child in [] if body is None else body.named_children:
            if child.type == "shorthand_field_initializer":
                key = file.text_of(child.named_children[-1])
                fields[key] = env.get(key, name(key))
                self.step(file, child, fields[key])
            elif child.type == "field_initializer":
                key_node = child.child_by_field_name("field")
                key = "" if key_node is None else file.text_of(key_node)
                fields[key] = self.optional(file, child, "value", env)
            elif child.type == "base_field_initializer":
                base = self.value(file, child.named_children[-1], env)
        flat = [item for key in sorted(fields) for item in (key, fields[key])]
        return atom("struct", self.short("" if label is None else file.text_of(label)), base, *flat)

    def if_expression(self, file: RustFile, node: Node, env: Env) -> Term:
        return self.split(file, node, (), dict(env), 0)

    def condition(self, file: RustFile, node: Node | None, env: Env) -> Term:
        if node is None:
            return name("true")
        if node.type == "let_condition":
            value = self.optional(file, node, "value", env)
            pattern = node.child_by_field_name("pattern")
            self.bind(file, pattern, value, env)
            return atom("is", "" if pattern is None else _pattern_text(file, pattern), value)
        if node.type == "let_chain":
            return atom("&&", *(self.condition(file, child, env) for child in node.named_children))
        return self.value(file, node, env)

    def match(self, file: RustFile, node: Node, env: Env) -> Term:
        value = self.optional(file, node, "value", env)
        body = node.child_by_field_name("body")
        arms: list[tuple[str, Term]] = []
        for arm in [] if body is None else body.named_children:
            if arm.type != "match_arm":
                continue
            pattern = arm.child_by_field_name("pattern")
            inside = dict(env)
            guard = None if pattern is None else pattern.child_by_field_name("condition")
            text = "_"
            if pattern is not None and pattern.named_children:
                text = _pattern_text(file, pattern.named_children[0])
                self.bind(file, pattern.named_children[0], value, inside)
            outcome = self.optional(file, arm, "value", inside)
            if guard is not None:
                outcome = atom("guarded", self.condition(file, guard, inside), outcome)
            arms.append((text, outcome))
        chosen = dict(arms)
        if len(arms) == 2 and arms[0][0] in ("true", "false"):
            yes = chosen.get("true", arms[1][1])
            return choice(value, yes, chosen.get("false", arms[1][1]))
        return atom("match", value, *(item for arm in arms for item in arm))

    def closure(self, file: RustFile, node: Node, env: Env) -> Term:
        inside = dict(env)
        self.bound += 1
        listed = node.child_by_field_name("parameters")
        parameters = [] if listed is None else listed.named_children
        for index, parameter in enumerate(parameters):
            pattern = parameter.child_by_field_name("pattern") or parameter
            self.bind(file, pattern, atom("bound", str(self.bound), str(index)), inside)
        body = self.optional(file, node, "body", inside)
        self.bound -= 1
        return atom("closure", str(len(parameters)), body)

    def macro(self, file: RustFile, node: Node, env: Env) -> Term:
        label = node.child_by_field_name("macro")
        tree = next((child for child in node.children if child.type == "token_tree"), None)
        tokens: list[str | Term] = []
        previous = ""
        for token in [] if tree is None else rust.tokens(tree):
            text = file.text_of(token)
            known = token.type in ("identifier", "self") and previous not in (".", "::") and text in env
            tokens.append(env[text] if known else text)
            previous = text
        return atom("macro", "" if label is None else file.text_of(label), *tokens)

    # --- calls

    def call(self, file: RustFile, node: Node, env: Env) -> Term:
        callee = node.child_by_field_name("function")
        listed = node.child_by_field_name("arguments")
        argument_nodes = [] if listed is None else [x for x in listed.named_children if not x.type.endswith("comment")]
        if callee is not None and callee.type == "generic_function":
            callee = callee.child_by_field_name("function")
        if callee is None:
            return self.opaque(file, node, env)
        if callee.type == "field_expression":
            receiver = self.optional(file, callee, "value", env)
            called = callee.child_by_field_name("field")
            arguments = [self.value(file, argument, env) for argument in argument_nodes]
            return self.method("" if called is None else file.text_of(called), receiver, arguments)
        arguments = [self.value(file, argument, env) for argument in argument_nodes]
        if callee.type not in ("identifier", "scoped_identifier"):
            return atom("apply", self.value(file, callee, env), *arguments)
        return self.plain_call(file, callee, arguments, env)

    def method(self, called: str, receiver: Term, arguments: list[Term]) -> Term:
        if called in _IDENTITY_METHODS or (called in self.rules.transparent and not arguments):
            return receiver
        sign = self.rules.operators.get(called) or _OPERATOR_METHODS.get(called)
        if sign == "neg" and not arguments:
            return -receiver
        if sign is not None and len(arguments) == 1:
            return _binary(sign, receiver, arguments[0])
        owner = self.stack[-1].owner if self.stack and receiver == name("self") else self.types.get(receiver.text)
        helper = self.resolve(owner, called) if owner else None
        inlined = self.inlined(helper, receiver, arguments)
        return atom("call", called, receiver, *arguments) if inlined is None else inlined

    def plain_call(self, file: RustFile, callee: Node, arguments: list[Term], env: Env) -> Term:
        text = file.text_of(callee)
        if text in env:
            return atom("apply", env[text], *arguments)
        short = self.short(text)
        owner, _, last = short.rpartition("::")
        if len(arguments) == 1 and (
            short in _IDENTITY_CALLS
            or last in self.rules.transparent
            or (last in ("from", "try_from") and owner in _NUMERIC)
        ):
            return arguments[0]
        sign = self.rules.operators.get(last) or _OPERATOR_METHODS.get(last)
        if sign not in (None, "neg") and len(arguments) == 2:
            return _binary(str(sign), *arguments)
        helper = self.resolve(owner or None, last)
        if helper is not None and _takes_self(helper) and arguments:
            return self.method(last, arguments[0], arguments[1:])
        inlined = self.inlined(helper, name("self"), arguments)
        return atom("call", short, *arguments) if inlined is None else inlined

    def inlined(self, helper: Function | None, receiver: Term, arguments: list[Term]) -> Term | None:
        """Read a helper in place of its call."""
        if helper is None or helper.body is None or len(self.stack) > INLINE_DEPTH:
            return None
        if any(helper.node == open_function.node for open_function in self.stack) or helper.node.has_error:
            return None
        result = self.function(helper, arguments)
        if not _takes_self(helper) or receiver == name("self"):
            return result
        return rewrite(result, lambda inner: receiver if inner == Atom("name", ("self",)) else None)


# --- building terms -------------------------------------------------------------------------------------------------


def choice(condition: Term, first: Term, second: Term) -> Term:
    """Give `if condition { first } else { second }`, the same for the condition turned round."""
    if first == second:
        return first
    single = condition.single
    if single is not None and single.kind == "not":
        return atom("if", single.term(0), second, first)
    return atom("if", condition, first, second)


def negated(term: Term) -> Term:
    """Give the logical negation."""
    single = term.single
    return single.term(0) if single is not None and single.kind == "not" else atom("not", term)


def _binary(sign: str, left: Term, right: Term) -> Term:  # noqa: PLR0911 - one branch an operator
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    if sign == "/":
        return left / right
    if sign in _COMPARISONS:
        ordered = (right, left) if sign in (">", ">=") else (left, right)
        return atom(_COMPARISONS[sign], *ordered)
    if sign == "!=":
        return negated(_binary("==", left, right))
    if sign in ("==", "&&", "||", "&", "|", "^"):
        return atom(sign, *sorted((left, right), key=_canonical))
    return atom(sign, left, right)


def _canonical(term: Term) -> str:
    return term.text


def _updated(base: Term, route: list[str], value: Term) -> Term:
    if not route:
        return value
    head, *rest = route
    return atom("update", base, head, _updated(part(base, head), rest, value))


def _element(value: Term, index: int) -> Term:
    single = value.single
    if single is not None and single.kind in ("tuple", "array") and -len(single.parts) <= index < len(single.parts):
        return single.term(index)
    return atom("element", value, str(index))


def _with_effects(effects: tuple[Term, ...], result: Term) -> Term:
    return atom("do", *effects, result) if effects else result


# --- reading syntax -------------------------------------------------------------------------------------------------


def _statements(block: Node) -> list[Node | _Leave]:
    skipped = ("line_comment", "block_comment", "attribute_item", "inner_attribute_item", "label")
    return [child for child in block.named_children if child.type not in skipped]


def _unwrapped(statement: Node) -> tuple[Node, bool]:
    """Give the expression of a statement, and whether a semicolon drops its value."""
    if statement.type != "expression_statement":
        return statement, False
    inner = next((child for child in statement.named_children if not child.type.endswith("comment")), statement)
    return inner, statement.children[-1].type == ";"


def _scope_end(file: RustFile, block: Node, env: Env) -> _Leave:
    declared: set[str] = set()
    for statement in block.named_children:
        pattern = statement.child_by_field_name("pattern") if statement.type == "let_declaration" else None
        if pattern is not None:
            declared.update(file.text_of(node) for node in rust.walk(pattern, "identifier"))
    return _Leave(dict(env), frozenset(declared))


def _leave_scope(env: Env, scope: _Leave) -> None:
    for key in [key for key in env if key not in scope.outer]:
        del env[key]
    env.update({key: scope.outer[key] for key in scope.declared if key in scope.outer})


def _operand(node: Node) -> Node:
    by_field = node.child_by_field_name("value")
    skipped = ("mutable_specifier", "line_comment", "block_comment")
    return by_field or next(child for child in node.named_children if child.type not in skipped)


def _literal(file: RustFile, node: Node) -> Term | None:
    if node.type in ("integer_literal", "float_literal"):
        match = _NUMBER.fullmatch(file.text_of(node).replace("_", "").lower())
        if match is None:
            return atom("literal", file.text_of(node))
        digits = match[1]
        exponent = digits.partition("e")[2]
        if len(digits) > 60 or (exponent and abs(int(exponent)) > 60):
            return atom("literal", digits)
        return number(int(digits, 0) if digits[:2] in ("0x", "0o", "0b") else Fraction(digits.rstrip(".")))
    if node.type in ("string_literal", "raw_string_literal"):
        return atom("string", rust.string(file, node).value)
    if node.type in ("boolean_literal", "char_literal"):
        return name(file.text_of(node))
    return atom("unit") if node.type == "unit_expression" else None


def _short_path(text: str) -> str:
    """Give the last segment of a path without generics, with the segment before it when that is a type."""
    plain = re.sub(r"\s+", "", text)
    while "<" in plain:
        fewer = re.sub(r"(?:::)?<[^<>]*>", "", plain)
        if fewer == plain:
            break
        plain = fewer
    segments = plain.removeprefix("::").split("::")
    kept = segments[-2:]
    return "::".join(kept if len(kept) == 2 and (kept[0][:1].isupper() or kept[0] in _NUMERIC) else kept[-1:])


def _pattern_text(file: RustFile, pattern: Node) -> str:
    """Give a pattern's text with the names it binds replaced by their position."""
    text, count = [], 0
    for token in rust.tokens(pattern):
        word = file.text_of(token)
        parent = token.parent
        is_path = parent is not None and parent.type in ("scoped_identifier", "scoped_type_identifier")
        if token.type in ("identifier", "shorthand_field_identifier") and not is_path and word[:1].islower():
            word, count = f"${count}", count + 1
        text.append(word)
    return "".join(text)


def _assigned(file: RustFile, node: Node) -> set[str]:
    found = set()
    for inner in rust.walk(
        node, "assignment_expression", "compound_assignment_expr", "reference_expression", "call_expression"
    ):
        left: Node | None = inner.child_by_field_name("left")
        if inner.type == "reference_expression":
            left = inner.child_by_field_name("value") if b"mut" in (inner.text or b"")[:6] else None
        elif inner.type == "call_expression":
            callee = inner.child_by_field_name("function")
            left = None if callee is None or callee.type != "field_expression" else callee.child_by_field_name("value")
        while left is not None and left.type not in ("identifier", "self"):
            left = left.child_by_field_name("value") or next(iter(left.named_children), None)
        if left is not None:
            found.add(file.text_of(left))
    return found


def _is_silent(file: RustFile, node: Node) -> bool:
    label = node.child_by_field_name("macro")
    return label is not None and _SILENT_MACROS.match(file.text_of(label).rpartition("::")[2]) is not None


def _takes_self(function: Function) -> bool:
    listed = function.node.child_by_field_name("parameters")
    return listed is not None and any(child.type == "self_parameter" for child in listed.named_children)
