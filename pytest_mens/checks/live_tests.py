"""Every named test exists, is live, asserts what it is there for, and is run by CI."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import cargo_test, cfg, commands, modules, rust
from pytest_mens.views.commands import CiLayout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.modules import Item
    from pytest_mens.views.rust import Function, RustFile


@dataclass(frozen=True)
class Params:
    """`tests` are names of functions. Each sets the fields of `settings` to their values and calls one of `calls`.

    `guarded` are globs of the sources whose change must not weaken the tests in the same change.
    """

    ci: CiLayout
    tests: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Problem:
    """What an instance lacks, and where."""

    what: str
    line: int
    column: int
    help: str


@dataclass(frozen=True)
class _Instance:
    """One function of a named test: where it stands, and its places in crates."""

    name: str
    function: Function
    items: tuple[Item, ...]
    problems: tuple[_Problem, ...]

    @property
    def place(self) -> tuple[str, int, int]:
        return (self.function.file.path, *self.function.file.position(self.function.node))


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge each named test: one good instance is enough, the others then give notes."""
    for name in params.tests:
        instances = _instances(target, params, name)
        if not instances:
            yield _absent(target, params, name)
        good = any(not instance.problems for instance in instances)
        for instance in instances:
            for problem in instance.problems:
                yield Finding(
                    instance.function.file.path,
                    f"`{name}` {problem.what}",
                    problem.line,
                    problem.column,
                    help=problem.help,
                    level="note" if good else "error",
                )
        if target.base is not None and instances:
            yield from _weakened(target, target.base, params, name)


def _instances(target: Target, params: Params, name: str) -> list[_Instance]:
    """Give the functions of that name in code, wherever they stand."""
    found = []
    for path in target.containing((name.encode(),), target.glob("*.rs")):
        if not re.search(rb"\bfn\s+(?:r#)?" + name.encode() + rb"\b", target.data(path)):
            continue
        file = rust.file(target, path)
        for function in rust.functions(file):
            if function.name == name and function.body is not None:
                file.require_parsed(function.node)
                items = tuple(_placed(target, function))
                problems = tuple(_problems(target, params, function, items))
                found.append(_Instance(name, function, items, problems))
    return found


def _placed(target: Target, function: Function) -> Iterator[Item]:
    for placement in modules.placements(target, function.file.path):
        for item in modules.items(target, placement):
            if item.function.node.start_byte == function.node.start_byte:
                yield item


def _absent(target: Target, params: Params, name: str) -> Finding:
    """Point at the line of a gate, else of a runbook or workflow, that still names the test."""
    gates = [step for gate in commands.manifests(target) for steps in gate.profiles.values() for step in steps]
    written = [command for command in commands.ci_commands(target, params.ci) if command.place == "workflow"]
    naming = [command for command in (*gates, *written) if any(name in word for word in command.argv)]
    message = f"there is no test `{name}`: no function of that name stands in the code"
    fix = "restore the test; a name in a comment, a string or a document runs nothing"
    if not naming:
        raise SubjectMissingError(message, help=fix)
    first, *others = naming
    related = tuple(Related(other.path, other.line, other.column, "named here too") for other in others)
    return Finding(first.path, message, first.line, first.column, help=fix, related=related)


# --- One instance ------------------------------------------------------------------------------------------------


def _problems(target: Target, params: Params, function: Function, items: tuple[Item, ...]) -> Iterator[_Problem]:
    file = function.file
    place = file.position(function.node)
    if not items:
        fix = "declare the module, or move the test into a file of a crate"
        yield _Problem("stands in a file that no crate's module tree reaches", *place, fix)
        return
    tests = [test for item in items if (test := cargo_test.test_of(item)) is not None]
    if not tests:
        yield _Problem("is no test: it has no test attribute", *place, "put `#[test]` on it")
    elif not any(commands.ci_runs(target, params.ci, test) for test in tests):
        yield _Problem(_not_run(target, params, tests), *place, "let an enforcing CI command run it")
    yield from _body_problems(params, function)


def _not_run(target: Target, params: Params, tests: list[cargo_test.Test]) -> str:
    """Say why no command of CI runs the test."""
    for test in tests:
        if not cfg.satisfiable(test.cfg):
            return f"exists under no configuration: `{cfg.show(test.cfg)}` never holds"
        if test.ignored == cfg.TRUE:
            return "is ignored, so no CI command runs it"
    condition = tests[0].cfg
    needed = "" if condition in (cfg.TRUE, cfg.Atom("test")) else f" under `{cfg.show(condition)}`"
    loose = [
        command
        for command in commands.ci_commands(target, params.ci)
        if not command.enforcing and command.runs_tests and cargo_test.runs(target, command.argv, tests[0], command.cwd)
    ]
    if loose:
        return f"is run only by `{loose[0].text}` ({loose[0].path}:{loose[0].line}), and {loose[0].loose}"
    return f"is run by no CI command{needed}"


def _body_problems(params: Params, function: Function) -> Iterator[_Problem]:
    file, body = function.file, function.body
    if body is None or not cfg.satisfiable(cfg.on_platform(rust.local_cfg(file, function.node))):
        return
    place = file.position(function.node)
    helpers = _helpers(function)
    assertions = _assertions(file, body)
    indirect = [call for call, helper in helpers if helper.body is not None and _assertions(helper.file, helper.body)]
    panics = any(attribute.path == "should_panic" for attribute in rust.attributes(file, function.node))
    if not assertions and not indirect and not panics:
        yield _Problem("asserts nothing", *place, "assert what the call must give")
    for node, text in _tautologies(file, body):
        yield _Problem(f"has an assertion that always holds: `{text}`", *file.position(node), "assert the real outcome")
    first = min([node.start_byte for node in assertions] + [call.node.start_byte for call in indirect], default=None)
    early = next(_returns(file, body, first), None)
    if early is not None:
        yield _Problem("returns before its first assertion", *file.position(early), "drop the `return`")
    bodies = [(file, body), *((helper.file, helper.body) for _, helper in helpers if helper.body is not None)]
    for name, value in params.settings.items():
        yield from _setting_problems(bodies, name, value, place)
    wanted = params.calls
    if wanted and not any(_calls(inner_file, inner, wanted, function.name) for inner_file, inner in bodies):
        shown = " or ".join(f"`{pattern}`" for pattern in wanted)
        yield _Problem(f"calls no {shown}", *place, "call the function that the test is about")


def _helpers(function: Function) -> list[tuple[rust.Call, Function]]:
    """Give the functions of the same file that the test calls by name, with the calls."""
    by_name = {one.name: one for one in rust.functions(function.file) if one.owner is None and one != function}
    calls = rust.calls(function.file, function.body)
    return [(call, by_name[call.name]) for call in calls if not call.method and call.name in by_name]


_ASSERTING_METHODS = {"unwrap_err", "expect_err"}
_FOLDED = 50
"""Levels of a condition that are looked at."""


def _assertions(file: RustFile, body: Node) -> list[Node]:
    """Give what can make the test fail on purpose, dead branches left out."""
    found = [
        call.name_node
        for call in rust.macro_calls(file, body)
        if re.match(r"(?:debug_)?assert|panic$|prop_assert", call.name)
    ]
    found += [call.name_node for call in rust.calls(file, body) if call.method and call.name in _ASSERTING_METHODS]
    return [node for node in found if not _is_dead(file, node, body)]


def _is_dead(file: RustFile, node: Node, body: Node) -> bool:
    """Tell whether a node stands under a cfg that no test build of CI has, in `if false`, or in an own function."""
    if not cfg.satisfiable(cfg.on_platform(rust.local_cfg(file, node))):
        return True
    for holder in rust.ancestors(file, node):
        if holder == body:
            return False
        if holder.type == "function_item":
            return True
        if holder.type == "if_expression":
            condition = holder.child_by_field_name("condition")
            consequence = holder.child_by_field_name("consequence")
            inside = consequence is not None and consequence.start_byte <= node.start_byte < consequence.end_byte
            if inside and condition is not None and file.text_of(condition) == "false":
                return True
    return False


_ALWAYS = re.compile(r'\.(?:contains|starts_with|ends_with)\(""\)$|^matches!\([^,]+,\s*_\s*,?\)$')


def _tautologies(file: RustFile, body: Node) -> Iterator[tuple[Node, str]]:
    """Give the assertions that hold whatever the code does."""
    for call in rust.macro_calls(file, body):
        groups = [_without_space(rust.nodes_text(file, group)) for group in call.arguments]
        text = f"{call.name}!({', '.join(groups[:2])})"
        if call.name in {"assert", "debug_assert"} and groups:
            if _holds_always(rust.nodes_text(file, call.arguments[0])):
                yield call.node, f"{call.name}!({groups[0]})"
        elif call.name in {"assert_eq", "debug_assert_eq"} and len(groups) > 1 and groups[0] == groups[1]:
            yield call.node, text


def _holds_always(condition: str) -> bool:
    """Tell whether a condition is true by its form alone."""
    file = rust.parse(f"const _: bool = {condition};", "")
    values = [item.child_by_field_name("value") for item in rust.walk(file.root, "const_item")]
    return len(values) == 1 and values[0] is not None and _constant(file, values[0]) is True


def _constant(file: RustFile, node: Node, depth: int = 0) -> bool | None:
    """Fold literals, `!`, `&&`, `||`, `x || !x`, `x == x` and the like; None when the value depends on the code."""
    node = _bare(node)
    if depth > _FOLDED:
        return None
    if node.type == "boolean_literal":
        return file.text_of(node) == "true"
    if node.type == "unary_expression" and file.text_of(node).startswith("!"):
        value = _constant(file, node.named_children[0], depth + 1)
        return None if value is None else not value
    if node.type == "binary_expression":
        return _constant_operation(file, node, depth)
    return True if _ALWAYS.search(file.text_of(node)) else None


def _constant_operation(file: RustFile, node: Node, depth: int) -> bool | None:
    operator, one, other = (node.child_by_field_name(name) for name in ("operator", "left", "right"))
    if operator is None or one is None or other is None:
        return None
    sign = file.text_of(operator)
    left, right = (_without_space(file.text_of(_bare(side))) for side in (one, other))
    if sign in {"||", "&&"}:
        decisive = sign == "||"
        values = {_constant(file, side, depth + 1) for side in (one, other)}
        if decisive in values or (decisive and (left == f"!{right}" or right == f"!{left}")):
            return decisive
        return None if None in values else not decisive
    if left == right and sign in {"==", "<=", ">=", "!=", "<", ">"}:
        return sign in {"==", "<=", ">="}
    return True if (sign, right) == (">=", "0") and left.endswith(".len()") else None


def _bare(node: Node) -> Node:
    while node.type == "parenthesized_expression" and len(node.named_children) == 1:
        node = node.named_children[0]
    return node


def _without_space(text: str) -> str:
    """Take white space out of source text, string literals left as they are."""
    return re.sub(r'("(?:\\.|[^"\\])*")|\s+', lambda match: match[1] or "", text, flags=re.DOTALL)


def _returns(file: RustFile, body: Node, before: int | None) -> Iterator[Node]:
    """Give the live `return`s of the function itself that stand before its first assertion."""
    for node in rust.walk(body, "return_expression"):
        if before is not None and node.start_byte < before and not _is_dead(file, node, body):
            closure = rust.enclosing(node, "closure_expression", "function_item", "async_block")
            if closure is None or closure.start_byte < body.start_byte:
                yield node


# --- What it sets and calls --------------------------------------------------------------------------------------


def _setting_problems(
    bodies: list[tuple[RustFile, Node]], name: str, value: str, place: tuple[int, int]
) -> Iterator[_Problem]:
    fix = f"set `{name}: {value}`"
    given = [(file, node, text) for file, body in bodies for node, text in _given(file, body, name)]
    own = bodies[0][0].path
    wrong = [(file, node, text) for file, node, text in given if text != value and file.path == own]
    right = [text for _, _, text in given if text == value]
    overridden = [(file, node, text) for file, node, text in wrong if node.type == "assignment_expression"]
    if right and not overridden:
        return
    for file, node, text in overridden or wrong:
        yield _Problem(f"sets `{name}` to `{text}`, not `{value}`", *file.position(node), fix)
    if not given:
        yield _Problem(f"does not set `{name}: {value}`", *place, fix)


def _given(file: RustFile, body: Node, name: str) -> Iterator[tuple[Node, str]]:
    """Give the values that a field of that name is given, in source order; a variable counts as what `let` gave it."""
    for node in rust.walk(body, "field_initializer", "shorthand_field_initializer", "assignment_expression"):
        if node.type == "assignment_expression":
            left, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            named = left is not None and left.type == "field_expression" and file.text_of(left).endswith(f".{name}")
        elif node.type == "shorthand_field_initializer":
            value = node.named_children[-1] if node.named_children else None
            named = value is not None and file.text_of(value) == name
        else:
            field_name, value = node.child_by_field_name("field"), node.child_by_field_name("value")
            named = field_name is not None and file.text_of(field_name) == name
        if named and value is not None:
            yield node, _resolved(file, body, value)


def _resolved(file: RustFile, body: Node, value: Node) -> str:
    text = file.text_of(value)
    if value.type != "identifier":
        return text
    for let in rust.walk(body, "let_declaration"):
        pattern, given = let.child_by_field_name("pattern"), let.child_by_field_name("value")
        if pattern is not None and given is not None and file.text_of(pattern).removeprefix("mut ") == text:
            return file.text_of(given)
    for const in rust.find(file, "const_item", "static_item"):
        named, given = const.child_by_field_name("name"), const.child_by_field_name("value")
        if named is not None and given is not None and file.text_of(named) == text:
            return file.text_of(given)
    return text


def _calls(file: RustFile, body: Node, patterns: tuple[str, ...], own: str) -> bool:
    return any(
        call.name != own and any(fnmatchcase(call.name, pattern) for pattern in patterns)
        for call in rust.calls(file, body)
        if not _is_dead(file, call.name_node, body)
    )


# --- Change form -------------------------------------------------------------------------------------------------


def _weakened(target: Target, base: Target, params: Params, name: str) -> Iterator[Finding]:
    """Judge a test that asserts less than before while what it guards is changed too."""
    now = [instance for instance in _instances(target, params, name) if not instance.problems]
    before = [instance for instance in _instances(base, params, name) if not instance.problems]
    if not now or not before:
        return
    old = [_claims(instance.function) for instance in before]
    lost = [min((_lost(claims, _claims(instance.function)) for claims in old), key=len) for instance in now]
    if not all(lost):
        return
    changed = _changed_sources(target, base, params)
    for instance, claims in zip(now, lost, strict=True) if changed else ():
        file, body = instance.function.file, instance.function.body
        assertions = [] if body is None else _assertions(file, body)
        line, column = file.position(assertions[-1] if assertions else instance.function.node)
        yield Finding(
            file.path,
            f"`{name}` no longer asserts `{claims[0]}`, in the same change as the code that it guards",
            line,
            column,
            help="keep the assertion, or let it go in a change of its own",
            related=tuple(Related(source, at, 1, "changed here") for source, at in changed[:5]),
        )


_Claim = tuple[str, frozenset[str]]
"""The macro or method that claims, and the alternatives of which one must hold."""


def _claims(function: Function) -> list[_Claim]:
    """Give what a test claims: each assertion, split at `&&`; the names of its locals play no part."""
    file, body = function.file, function.body
    claims: list[_Claim] = []
    if body is None:
        return claims
    names = {file.text_of(node) for let in rust.walk(body, "let_declaration") for node in _bound(let)}
    local = re.compile(r"(?<![\w.\"])(?:" + "|".join(map(re.escape, sorted(names))) + r")\b") if names else None
    for call in rust.macro_calls(file, body):
        if re.match(r"(?:debug_)?assert", call.name) and not _is_dead(file, call.name_node, body):
            groups = [_without_space(rust.nodes_text(file, group)) for group in call.arguments]
            text = ",".join(groups[: 2 if call.name.endswith(("_eq", "_ne")) else 1])
            text = local.sub("_", text) if local else text
            claims.extend((call.name, frozenset(part.split("||"))) for part in text.split("&&"))
    methods = (one.name for one in rust.calls(file, body) if one.method and one.name in _ASSERTING_METHODS)
    claims.extend((f".{name}()", frozenset()) for name in methods)
    return claims


def _bound(let: Node) -> Iterator[Node]:
    pattern = let.child_by_field_name("pattern")
    return iter(()) if pattern is None else rust.walk(pattern, "identifier")


def _lost(old: list[_Claim], new: list[_Claim]) -> list[str]:
    """Give the claims that are gone or have gained alternatives; one that merely reads differently is not lost."""
    lost = []
    for kind, alternatives in old:
        if any(kind == other and known <= alternatives for other, known in new):
            continue
        others = [known for other, known in new if kind == other and (other, known) not in old]
        if len(new) < len(old) or any(known > alternatives or _is_vaguer(known, alternatives) for known in others):
            lost.append(f"{kind}!({' || '.join(sorted(alternatives))})" if alternatives else kind)
    return lost


_STRING = re.compile(r'"((?:\\.|[^"\\])*)"')


def _is_vaguer(new: frozenset[str], old: frozenset[str]) -> bool:
    """Tell whether a claim asks for no text any more, or only for a part of one that it asked for."""
    asked, asks = ({text for part in claim for text in _STRING.findall(part)} for claim in (old, new))
    if not asked:
        return False
    return not asks or any(text not in asked and any(text in whole for whole in asked) for text in asks)


def _changed_sources(target: Target, base: Target, params: Params) -> list[tuple[str, int]]:
    """Give the functions of the guarded sources that are new or read differently than before, tests aside."""
    if not params.guarded:
        return []
    old = {text for _, _, text in _guarded(base, params)}
    new = list(_guarded(target, params))
    changed = [(path, line) for path, line, text in new if text not in old]
    if not changed and old - {text for _, _, text in new}:
        return [(path, 1) for path in target.glob(*params.guarded)][:1]
    return changed


def _guarded(target: Target, params: Params) -> Iterator[tuple[str, int, str]]:
    for path in target.glob(*params.guarded):
        file = rust.file(target, path)
        for function in rust.functions(file):
            if not rust.in_test_code(file, function.node):
                line, _ = file.position(function.node)
                yield path, line, _code(file, function.node)


def _code(file: RustFile, node: Node) -> str:
    """Give the tokens of a node without comments, so that formatting makes no difference."""
    leaves = (
        leaf for leaf in rust.walk(node) if not leaf.children and leaf.type not in {"line_comment", "block_comment"}
    )
    return " ".join(file.text_of(leaf) for leaf in leaves if leaf.type != ",")
