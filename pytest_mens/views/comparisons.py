"""Where Rust tests compare numbers within a tolerance: what is compared, with which tolerance, and where it stands.

Forms: `(a - b).abs() < t`, mirrored, relative, inside `.all(..)`, folded to the maximum first, `if .. > t { panic! }`,
the macros of the crates approx, assert_approx_eq and float_cmp, Burn's `assert_approx_eq`, and local helpers one level
deep. A mean, a sum or a trend is a statistic and no comparison of elements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_mens.views import rust, scope
from pytest_mens.views.flow import Flow, Frame, Place, arguments, expressions, flow, strip, tail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.flow import Callee
    from pytest_mens.views.rust import Function

NEEDLE = re.compile(
    rb"\babs(?:_diff|_sub)?\s*\(|(?:relative|abs_diff|ulps)_eq\b|(?:close|near|approx|almost|float_eq)\w*\s*!?\s*(?:::|\()"
)
"""What the text of a function that compares within a tolerance holds."""
EXACT = re.compile(rb"\bassert_eq\s*!")

_STARTS = (b"abs", b"relative_eq", b"ulps_eq", b"close", b"near", b"approx", b"almost", b"float_eq")
"""What every match of `NEEDLE` begins with: literals are found much faster than the expression."""
_CALL = re.compile(rb"\s*\(")
_OUTCOME = re.compile(rb"assert|->\s*(?:bool|f32|f64)\b")
"""What a function outside of test code holds that asserts a comparison, or returns its result or the difference."""
_FUNCTION = re.compile(rb"fn\s+(\w+)")
_TEST = re.compile(rb"#\[[^\]\n]*test[^\]\n]*\]\s*(?:#\[[^\]\n]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(?:async\s+)?\Z")
_HEAD = 400
"""Bytes before a function in which its attributes are looked for."""
_NAMED = re.compile(
    r"assert_(?:relative|abs_diff|ulps|approx|float|f32_near|f64_near|close|all_?close|near|almost)\w*"
    r"|(?:relative|abs_diff|ulps|approx)_eq|all_?close|is_close|\w*assert_all_?close"
)
_THROUGH = frozenset(
    [
        "unwrap",
        "expect",
        "into_scalar",
        "to_scalar",
        "elem",
        "copied",
        "cloned",
        "iter",
        "into_iter",
        "collect",
        "to_vec",
        "to_vec1",
        "to_vec0",
        "into_data",
        "as_slice",
        "flatten_all",
        "max_all",
        "max_dim",
        "contiguous",
        "clone",
        "into",
        "to_dtype",
        "to_device",
        "zip",
        "map",
        "enumerate",
        "unwrap_or",
    ]
)
_STATISTICS = frozenset({"sum", "mean", "sum_all", "mean_all", "sum_dim", "mean_dim", "median", "average", "norm"})
_DEPTH = 30
_BURN_TOLERANCES = {"permissive": 0.01, "balanced": 0.005, "default": 0.005, "strict": 0.001}
_FAILING = re.compile(r"\b(?:panic|assert\w*|bail|unreachable|return|ensure)\b|\+=|\.push\(|=\s*(?:true|false)")


@dataclass(frozen=True, eq=False)
class Difference:
    """The magnitude of a difference: its two sides (`right` None when compared with zero)."""

    left: Place
    right: Place | None
    relative: bool = False
    statistic: bool = False


@dataclass(frozen=True, eq=False)
class Site:
    """One comparison as one test reaches it.

    `place` is the comparison; `anchor` where a finding about its tolerance belongs (the call, when that passes the
    tolerance). `value` is the tolerance, None when unknown; `exact` marks `assert_eq!` of values. `helper` is the
    frame of the helper that the comparison stands in.
    """

    test: Frame
    place: Place
    anchor: Place
    tolerance: Place | None
    value: float | None
    left: Place
    right: Place | None
    relative: bool = False
    exact: bool = False
    helper: Frame | None = None


def in_packages(
    target: Target, packages: Sequence[Package], crates: Sequence[str], *, exact: bool = False, every: bool = False
) -> Iterator[Frame]:
    """Give the tests that may hold comparisons, in the files of `packages` that name one of `crates`.

    With `exact`, `assert_eq!` is a comparison too. Tests that no configuration compiles are left out, unless `every`;
    then functions of test code come too that only lack the test attribute.
    """
    engine = flow(target)
    for package in packages:
        naming = scope.files(target, [package], [f"{crate}::" for crate in crates])
        candidates = naming if every else target.containing([b"test]", b"test("], naming)
        helpers = _helpers_of_test_files(target, package) if candidates else frozenset()
        for path in candidates:
            data = target.data(path)
            comparing = helpers | set(_comparing(data))
            if not _may_compare(data, 0, len(data), comparing, exact=exact):
                continue
            file = rust.file(target, path)
            for function in rust.functions(file):
                body = function.body
                if body is None or not _may_compare(
                    file.source, body.start_byte, body.end_byte, comparing, exact=exact
                ):
                    continue
                marked = rust.is_test(file, function.node)
                if (marked and (every or scope.compiled(target, file, function.node))) or (
                    every and not marked and _unmarked(path, function)
                ):
                    file.require_parsed(function.node)
                    yield engine.enter(path, function)


def _may_compare(data: bytes, start: int, end: int, helpers: Collection[bytes], *, exact: bool) -> bool:
    """Tell whether a text may hold a comparison, or the call of a helper that has one."""
    if _compares(data, start, end) or (exact and EXACT.search(data, start, end)):
        return True
    return any(_called(name, data, start, end) for name in helpers)


def _compares(data: bytes, start: int, end: int) -> bool:
    return any(NEEDLE.match(data, at) for literal in _STARTS for at in _occurrences(literal, data, start, end))


def _called(name: bytes, data: bytes, start: int, end: int) -> bool:
    return any(_CALL.match(data, at + len(name)) for at in _occurrences(name, data, start, end))


def _occurrences(literal: bytes, data: bytes, start: int, end: int) -> Iterator[int]:
    at = data.find(literal, start, end)
    while at >= 0:
        yield at
        at = data.find(literal, at + 1, end)


def _helpers_of_test_files(target: Target, package: Package) -> frozenset[bytes]:
    """Give the functions of a package's test files that compare somewhere; a test of another file may call them."""
    found: set[bytes] = set()
    for path in target.containing(_STARTS, scope.files(target, [package], ["fn "], within="test")):
        data = target.data(path)
        if _compares(data, 0, len(data)):
            found.update(match.group(1) for match in _FUNCTION.finditer(data) if not _is_test(data, match.start()))
    return frozenset(found)


def _comparing(data: bytes) -> Iterator[bytes]:
    """Give the functions of a file that compare for a test: no tests themselves, in test code or with an outcome."""
    tests = data.find(b"cfg(test")
    found = (at for literal in _STARTS for at in _occurrences(literal, data, 0, len(data)) if NEEDLE.match(data, at))
    for start in {data.rfind(b"fn ", 0, at) for at in found}:
        match = _FUNCTION.match(data, start) if start >= 0 else None
        if match is None or _is_test(data, start):
            continue
        end = data.find(b"fn ", match.end())
        if 0 <= tests < start or _OUTCOME.search(data, start, end if end >= 0 else len(data)):
            yield match.group(1)


def _is_test(data: bytes, at: int) -> bool:
    """Tell whether an attribute with the word `test` stands before a function."""
    before = data[max(0, at - _HEAD) : at]
    return b"test" in before and _TEST.search(before) is not None


def _unmarked(path: str, function: Function) -> bool:
    """Tell whether a function could be a test but for its attribute: in test code, no parameters, called nowhere."""
    file = function.file
    parameters = function.node.child_by_field_name("parameters")
    if parameters is None or parameters.named_child_count or function.owner is not None:
        return False
    if "/tests/" not in f"/{path}" and not rust.in_test_code(file, function.node):
        return False
    return len(re.findall(rb"\b" + function.name.encode() + rb"\b", file.source)) == 1


def is_test_code(frame: Frame) -> bool:
    """Tell whether a function stands in test code: under `cfg(test)`, or in a file of `tests/` or `benches/`."""
    path = f"/{frame.body.file.path}"
    if "/tests/" in path or "/benches/" in path:
        return True
    function = frame.body.function
    return function is not None and rust.in_test_code(frame.body.file, function.node)


def sites(engine: Flow, test: Frame) -> list[Site]:
    """Give every comparison within a tolerance that a test makes, in its body and in its helpers."""
    found = list(_in_frame(engine, test))
    for helper in _entered(engine, test):
        for site in _in_frame(engine, helper):
            if not is_test_code(helper) and not _asserted(site.place):
                continue
            given = _passed(engine, site, helper)
            anchor = helper.call if given and helper.call is not None else site.place
            found.append(replace(site, test=test, anchor=anchor, helper=helper))
    return found


def helpers(engine: Flow, test: Frame) -> list[Frame]:
    """Give the local test helpers that a function calls, once for each call."""
    return [frame for frame in _entered(engine, test) if is_test_code(frame)]


def _entered(engine: Flow, test: Frame) -> list[Frame]:
    frames = (engine.call(Place(call, test)) for call in test.body.calls)
    return [frame for frame in frames if frame is not None]


def _asserted(place: Place) -> bool:
    """Tell whether a comparison is asserted, or is what its function returns."""
    current: Node | None = place.node
    while current is not None:
        above = place.body.parent(current)
        if above is not None and above.type == "call_expression":
            callee = place.body.callee(above)
            if callee is not None and re.match(r"(?:debug_)?assert", callee.name):
                return True
        if above is not None and above == place.body.block and tail(above) == current:
            return True
        current = above
    return False


def _passed(engine: Flow, site: Site, helper: Frame) -> bool:
    """Tell whether the tolerance comes from the helper's parameters."""
    if site.tolerance is None:
        return False
    names = engine.trace_names(site.tolerance)
    return any(binder.kind == "parameter" and binder.name in helper.given for binder in names)


def _in_frame(engine: Flow, frame: Frame) -> Iterator[Site]:
    body = frame.body
    for node in body.nodes("binary_expression", "call_expression"):
        if not body.own(node):
            continue
        place = Place(node, frame)
        site = _relational(engine, place) if node.type == "binary_expression" else _call(engine, place)
        if site is not None:
            yield site


def _relational(engine: Flow, place: Place) -> Site | None:
    left, right, operator = (place.node.child_by_field_name(name) for name in ("left", "right", "operator"))
    if left is None or right is None or operator is None or operator.type not in ("<", "<=", ">", ">="):
        return None
    for value, bound, small in (
        (left, right, operator.type in ("<", "<=")),
        (right, left, operator.type in (">", ">=")),
    ):
        difference = find(engine, place.at(value))
        if difference is None or _of_statistics(engine, difference) or not _demands(place, small=small):
            continue
        number, relative = _bound(engine, place.at(bound))
        if number is None and find(engine, place.at(bound)) is not None:
            continue
        return Site(
            place.frame,
            place,
            place,
            place.at(bound),
            number,
            difference.left,
            difference.right,
            relative=relative or difference.relative,
        )
    return None


def _of_statistics(engine: Flow, difference: Difference) -> bool:
    """Tell whether a difference is itself a statistic, or that of a statistic to another one or to a number."""
    sides = (difference.left, difference.right)
    if difference.statistic or any(side is None for side in sides):
        return difference.statistic
    numbers = [side is not None and engine.number(side) is not None for side in sides]
    sums = [side is not None and _sums_up(engine, side) for side in sides]
    return any(sums) and all(number or summed for number, summed in zip(numbers, sums, strict=True))


def _sums_up(engine: Flow, place: Place) -> bool:
    """Tell whether a number is the sum or mean of what an iterator gives."""
    current: Place | None = place
    for _ in range(20):
        if current is None:
            return False
        node = strip(current.node)
        here = current.at(node)
        if node.type == "binary_expression":
            left, operator = node.child_by_field_name("left"), node.child_by_field_name("operator")
            divided = left is not None and operator is not None and operator.type == "/"
            current = here.at(left) if divided and left is not None else None
        elif node.type == "call_expression":
            callee = here.body.callee(node)
            if callee is None or callee.receiver is None:
                frame = engine.call(here)
                last = None if frame is None or frame.body.block is None else tail(frame.body.block)
                current = None if frame is None or last is None else Place(last, frame)
            elif callee.name in _STATISTICS:
                return re.search(r"\biter\(\)", here.body.text(callee.receiver)) is not None
            else:
                current = here.at(callee.receiver) if callee.name in ("sqrt", "abs", "unwrap") else None
        else:
            current = engine.follow(here)
    return False


def _demands(place: Place, *, small: bool) -> bool:
    """Tell whether a test passes when the comparison says "small": asserted, or failing when it says "large"."""
    negated = False
    current: Node | None = place.node
    while current is not None:
        above = place.body.parent(current)
        if above is None:
            break
        if above.type == "unary_expression" and above.children[0].type == "!":
            negated = not negated
        elif above.type == "if_expression" and above.child_by_field_name("condition") == current:
            inner = above.child_by_field_name("consequence")
            fails = inner is not None and _FAILING.search(place.body.text(inner)) is not None
            return fails and small == negated
        elif above.type in ("block", "let_declaration", "expression_statement"):
            if _dropped(place, above, current):
                return False
            break
        current = above
    return small != negated


def _dropped(place: Place, statement: Node, value: Node) -> bool:
    """Tell whether nothing comes of what a statement finds out: its name is read nowhere, or it has none."""
    body = place.body
    if statement.type == "expression_statement":
        callee = body.callee(value) if value.type == "call_expression" else None
        return callee is not None and callee.receiver is not None and callee.name in ("all", "any")
    pattern = statement.child_by_field_name("pattern") if statement.type == "let_declaration" else None
    if pattern is None or pattern.type not in ("identifier", "_"):
        return False
    rest = body.file.source[statement.end_byte : body.node.end_byte]
    return pattern.type == "_" or re.search(rb"\b" + body.text(pattern).encode() + rb"\b", rest) is None


def _bound(engine: Flow, place: Place, depth: int = 0) -> tuple[float | None, bool]:
    """Give the number of a tolerance, and whether it scales with a value, as in `1e-5 * b.abs()`."""
    number = engine.number(place)
    if number is not None or depth > _DEPTH:
        return number, False
    node = strip(place.node)
    if node.type == "binary_expression":
        left, right, operator = (node.child_by_field_name(name) for name in ("left", "right", "operator"))
        if left is not None and right is not None and operator is not None:
            parts = [_bound(engine, place.at(side), _DEPTH) for side in (left, right)]
            numbers = [part for part in parts if part[0] is not None]
            if operator.type == "*" and numbers:
                return numbers[0][0], True
            if operator.type == "+" and numbers:
                return max(number for number, _ in numbers if number is not None), any(part[1] for part in parts)
    following = engine.follow(place)
    return (None, False) if following is None else _bound(engine, following, depth + 1)


# --- differences ----------------------------------------------------------------------------------------------------


def find(engine: Flow, place: Place, depth: int = 0) -> Difference | None:
    """Give the difference that an expression is the magnitude of, through lets, folds, maps and local functions."""
    memo: dict[tuple[int, int], Difference | None] = engine.memo.setdefault("differences", {})
    key = (place.node.id, id(place.frame))
    if key not in memo:
        if depth > _DEPTH:
            return None
        memo[key] = None
        memo[key] = _find(engine, place, depth)
    return memo[key]


def _find(engine: Flow, place: Place, depth: int) -> Difference | None:
    node = strip(place.node)
    here = place.at(node)
    if node.type == "identifier":
        return _of_name(engine, here, depth)
    if node.type == "call_expression":
        return _of_call(engine, here, depth)
    if node.type == "binary_expression":
        return _of_binary(engine, here, depth)
    if node.type in ("index_expression", "field_expression"):
        inner = next(iter(expressions(node)), None)
        return None if inner is None else find(engine, place.at(inner), depth + 1)
    if node.type == "block":
        last = tail(node)
        return None if last is None else find(engine, place.at(last), depth + 1)
    return None


def _of_name(engine: Flow, place: Place, depth: int) -> Difference | None:
    binder = engine.binder(place)
    if binder is None:
        return None
    changes = place.body.changes(binder)
    for value in changes:
        found = find(engine, place.at(value), depth + 1)
        if found is not None:
            holder = place.body.parent(value)
            summed = holder is not None and holder.type == "compound_assignment_expr"
            return replace(found, statistic=found.statistic or summed)
    given = engine.bound(binder, place.frame)
    return None if given is None or changes else find(engine, given, depth + 1)


def _of_binary(engine: Flow, place: Place, depth: int) -> Difference | None:
    left, right, operator = (place.node.child_by_field_name(name) for name in ("left", "right", "operator"))
    if left is None or right is None or operator is None or operator.type not in ("/", "*", "+"):
        return None
    found = find(engine, place.at(left), depth + 1)
    if found is None:
        return None if operator.type == "/" else find(engine, place.at(right), depth + 1)
    if operator.type == "/":
        divisor = place.body.text(right)
        counted = re.search(r"\blen\(\)|\bcount\b|\bn\b|numel|elem_count", divisor) is not None
        return replace(found, relative=engine.number(place.at(right)) is None and not counted)
    return found


def _of_call(engine: Flow, place: Place, depth: int) -> Difference | None:  # noqa: PLR0911 - one return per form
    callee = place.body.callee(place.node)
    if callee is None:
        return None
    given = [place.at(argument) for argument in arguments(place.node)]
    if callee.receiver is None:
        return _of_function(engine, place, callee, given, depth)
    receiver = place.at(callee.receiver)
    if callee.name == "abs":
        return _magnitude(engine, receiver)
    if callee.name == "abs_sub" and given:
        return Difference(receiver, given[0])
    closure = next((one for one in given if one.node.type == "closure_expression"), None)
    if callee.name == "fold" and len(given) == 2:
        folded = given[1].text
        inner = find(engine, receiver, depth + 1) or (None if closure is None else _in_closure(engine, closure, depth))
        return None if inner is None else replace(inner, statistic=inner.statistic or "max" not in folded)
    if callee.name in ("map", "flat_map", "map_or") and closure is not None:
        return _in_closure(engine, closure, depth)
    if callee.name in _STATISTICS:
        found = find(engine, receiver, depth + 1)
        return None if found is None else replace(found, statistic=True)
    if callee.name in ("max", "reduce", "max_by", "max_by_key", "min"):
        found = find(engine, receiver, depth + 1)
        return found or (find(engine, given[0], depth + 1) if given and closure is None else None)
    return find(engine, receiver, depth + 1) if callee.name in _THROUGH else None


def _of_function(engine: Flow, place: Place, callee: Callee, given: list[Place], depth: int) -> Difference | None:
    if callee.name == "abs" and given:
        return _magnitude(engine, given[0])
    if callee.name in ("max", "Some", "Ok") and given:
        return next((found for one in given if (found := find(engine, one, depth + 1)) is not None), None)
    frame = engine.call(place)
    last = None if frame is None or frame.body.block is None else tail(frame.body.block)
    return None if frame is None or last is None else find(engine, Place(last, frame), depth + 1)


def _in_closure(engine: Flow, closure: Place, depth: int) -> Difference | None:
    body = closure.node.child_by_field_name("body")
    return None if body is None else find(engine, closure.at(body), depth + 1)


def _magnitude(engine: Flow, place: Place) -> Difference:
    """Give the sides of what stands before `.abs()`."""
    current: Place | None = place
    for _ in range(20):
        if current is None:
            break
        node = strip(current.node)
        here = current.at(node)
        if node.type == "binary_expression":
            left, right, operator = (node.child_by_field_name(name) for name in ("left", "right", "operator"))
            if left is not None and right is not None and operator is not None and operator.type == "-":
                return Difference(here.at(left), here.at(right))
            if left is not None and operator is not None and operator.type == "/":
                inner = _magnitude(engine, here.at(left))
                return replace(inner, relative=inner.right is not None)
            break
        if node.type == "call_expression":
            callee = here.body.callee(node)
            given = arguments(node)
            if callee is None or callee.receiver is None:
                break
            if callee.name in ("sub", "broadcast_sub") and given:
                return Difference(here.at(callee.receiver), here.at(given[0]))
            current = here.at(callee.receiver) if callee.name in _THROUGH else None
        else:
            current = engine.follow(here)
    return Difference(place, None)


# --- calls that compare ---------------------------------------------------------------------------------------------


def _call(engine: Flow, place: Place) -> Site | None:
    callee = place.body.callee(place.node)
    if callee is None:
        return None
    given = arguments(place.node)
    if callee.name == "assert_eq" and callee.receiver is None and len(given) >= 2:
        sides = [place.at(side) for side in given[:2]]
        return Site(place.frame, place, place, None, 0.0, sides[0], sides[1], exact=True)
    if not _NAMED.fullmatch(callee.name) or engine.call(place) is not None:
        return None
    positional = [node for node in given if node.type != "assignment_expression"]
    if callee.receiver is not None:
        positional.insert(0, callee.receiver)
    if len(positional) < 2:
        return None
    named = dict(_keywords(place, given))
    bound = named.get("epsilon") or named.get("abs") or (positional[2] if len(positional) > 2 else None)
    relative = bound is None and "max_relative" in named
    bound = bound or named.get("max_relative")
    value = None if bound is None else _stated(engine, place.at(bound), callee)
    tolerance = None if bound is None else place.at(bound)
    left, right = place.at(positional[0]), place.at(positional[1])
    return Site(place.frame, place, place, tolerance, value, left, right, relative=relative)


def _keywords(place: Place, given: list[Node]) -> Iterator[tuple[str, Node]]:
    for node in given:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and node.type in ("assignment_expression", "binary_expression"):
            yield place.body.text(left), right


def _stated(engine: Flow, place: Place, callee: Callee, depth: int = 0) -> float | None:
    """Give the tolerance of a comparing call: a number, digits of precision, or Burn's `Tolerance`."""
    node = strip(place.node)
    if node.type == "call_expression":
        built = place.body.callee(node)
        if built is not None and built.segments[-2:-1] == ("Tolerance",):
            numbers = [engine.number(place.at(argument)) for argument in arguments(node)]
            return numbers[-1] if numbers else _BURN_TOLERANCES.get(built.name)
    number, _ = _bound(engine, place)
    if callee.receiver is not None and number is not None and number >= 1 and number == int(number):
        return float(10.0**-number)
    if number is None and depth < _DEPTH:
        following = engine.follow(place)
        return None if following is None else _stated(engine, following, callee, depth + 1)
    return number


def symbols(engine: Flow, place: Place | None) -> list[Place]:
    """Give the const and static items that a tolerance comes from."""
    found: list[Place] = []
    pending = [] if place is None else [place]
    for _ in range(200):
        if not pending:
            break
        current = pending.pop()
        for atom in current.body.atoms(current.node):
            if atom.kind not in ("name", "path"):
                continue
            here = current.at(atom.node)
            item = engine.constant_item(here)
            if item is not None:
                if all(item.node != one.node or item.body is not one.body for one in found):
                    found.append(item)
                continue
            binder = engine.binder(here) if atom.kind == "name" else None
            value = None if binder is None else engine.bound(binder, current.frame)
            if value is not None:
                pending.append(value)
    return found
