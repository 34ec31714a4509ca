"""Every multiplication by a weight states the shapes of both operands; statement, literals and call agree."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import flow, rust, scope, shapes, statements, tensor_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.flow import Callee, Frame, Place
    from pytest_mens.views.shapes import Shapes
    from pytest_mens.views.statements import Product, Statement

_HELP = (
    "write the shapes beside the call, such as `// x [batch, in] @ w [in, out] -> [batch, out]`, or build both "
    "operands with literal shapes in the same function"
)


@dataclass(frozen=True)
class Vendored:
    """A fact about vendored code: in `type::function`, every product is by a let bound to the turned `operand`."""

    sources: tuple[str, ...]
    type: str
    function: str
    operand: str


@dataclass(frozen=True)
class Params:
    """Names and vocabularies of the rule.

    Packages that use one of `libraries` are read, those that match `exclude` not. The patterns are regular
    expressions searched in the names an operand has: `weights` makes a product a subject, `activations` (the
    operand's own name) none, `noted` a note. `outputs` and `inputs` are the words for the two sides of a weight.
    """

    libraries: tuple[str, ...]
    methods: tuple[str, ...]
    weights: str
    activations: str
    noted: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    shape_preserving: tuple[str, ...] = ()
    vendored: tuple[Vendored, ...] = ()


@dataclass(frozen=True)
class Link:
    """A name met on the way back from an operand; `turned` tells whether the operand is its transpose.

    What is `reshaped` since is the same tensor in a shape of its own.
    """

    name: str
    turned: bool
    reshaped: bool = False


@dataclass(frozen=True, eq=False)
class Matmul:
    """One product: the call, its operands, and the names behind each."""

    place: Place
    name_node: Node
    left: Place
    right: Place
    left_links: tuple[Link, ...]
    right_links: tuple[Link, ...]
    factor: tuple[Link, ...] = ()

    @property
    def text(self) -> str:
        """The call on one line, without comments."""
        bare = re.sub(r"//[^\n]*|/\*.*?\*/", "", self.place.text, flags=re.DOTALL)
        return re.sub(r" (?=[.?])", "", " ".join(bare.split()))


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge every product by a weight in the packages that use the tensor libraries."""
    products = list(_products(target, params))
    subjects = [product for product in products if _is_subject(product, params)]
    if not subjects:
        libraries = ", ".join(params.libraries)
        raise SubjectMissingError(f"no multiplication by a weight in any package that uses {libraries}")
    changed = _changed(target, products, params)
    sizes = shapes.shapes(target, params.shape_preserving)
    seen: set[tuple[str, int]] = set()
    for product in products:
        file = product.place.body.file
        level = _level(product, params, changed=product in changed)
        if level is None:
            yield from _impossible(sizes, product, params)
            continue
        statement = (file.path, product.place.body.statement(product.place.node).start_byte)
        for finding in _judge(sizes, params, product, level):
            anchor = (finding.path, finding.line) if finding.related else statement
            if anchor not in seen:
                seen.add(anchor)
                yield finding
    for fact in params.vendored:
        yield from _vendored(target, fact, params)


# --- subjects -------------------------------------------------------------------------------------------------------


def _products(target: Target, params: Params) -> Iterator[Matmul]:
    engine = flow.flow(target)
    needles = [f"{method}(" for method in params.methods]
    for path in tensor_code.files(target, params.libraries, params.exclude, needles):
        file = rust.file(target, path)
        for function in rust.functions(file):
            if function.body is None or function.name in params.methods:
                continue
            text = file.source[function.body.start_byte : function.body.end_byte]
            if not any(f"{method}(".encode() in text for method in params.methods):
                continue
            found = list(_in_function(engine, path, function, params))
            if found:
                file.require_parsed(function.node)
            yield from (one for one in found if scope.compiled(target, file, one.place.node))


def _in_function(
    engine: flow.Flow, path: str, function: rust.Function, params: Params, *, nested: bool = False
) -> Iterator[Matmul]:
    frame = engine.enter(path, function)
    for call in frame.body.calls:
        callee = frame.body.callee(call)
        if callee is None or callee.name not in params.methods:
            continue
        if not nested and not frame.body.own(call):
            continue
        operands = _operands(frame, call, callee)
        if operands is not None:
            left, right = operands
            links = (_links(engine, left, params), _links(engine, right, params))
            yield Matmul(flow.Place(call, frame), callee.name_node, left, right, *links, _factor(engine, left, params))


def _operands(frame: Frame, call: Node, callee: Callee) -> tuple[Place, Place] | None:
    given = flow.arguments(call)
    if callee.receiver is not None and len(given) == 1:
        return flow.Place(callee.receiver, frame), flow.Place(given[0], frame)
    if callee.receiver is None and len(callee.segments) > 1 and len(given) == 2:
        return flow.Place(given[0], frame), flow.Place(given[1], frame)
    return None


def _links(engine: flow.Flow, place: Place, params: Params) -> tuple[Link, ...]:
    """Follow an operand back through lets and calls that keep or turn it, and give the names met."""
    found: list[Link] = []
    turned = reshaped = False
    for _ in range(50):
        node = flow.strip(place.node)
        here = place.at(node)
        following: Place | None = None
        if node.type == "identifier":
            found.append(Link(here.text, turned, reshaped))
            following = engine.follow(here)
        elif node.type in ("field_expression", "index_expression"):
            found.append(Link(here.text, turned, reshaped))
        elif node.type == "call_expression":
            callee = here.body.callee(node)
            if callee is not None:
                turned ^= _turns(engine, here, callee)
                reshaped |= callee.name in _RESHAPING
                following = _behind(here, callee, params)
                if following is None:
                    found.extend(Link(name, turned, reshaped) for name in _sources(here, callee))
        if following is None:
            break
        place = following
    return tuple(found)


def _factor(engine: flow.Flow, place: Place, params: Params) -> tuple[Link, ...]:
    """Give the names of the last factor of an operand that is a product itself, whose columns the operand has."""
    for _ in range(50):
        node = flow.strip(place.node)
        here = place.at(node)
        following: Place | None = None
        if node.type == "identifier":
            following = engine.follow(here)
        elif node.type == "call_expression":
            callee = here.body.callee(node)
            operands = None
            if callee is not None and callee.name in params.methods:
                operands = _operands(here.frame, node, callee)
            if operands is not None:
                return _links(engine, operands[1], params)
            if callee is not None and callee.name in _KEEPING and not _turns(engine, here, callee):
                following = _behind(here, callee, params)
        if following is None:
            break
        place = following
    return ()


def _turns(engine: flow.Flow, place: Place, callee: Callee) -> bool:
    """Tell whether a call swaps the last two axes."""
    given = flow.arguments(place.node)
    if callee.name in ("t", "transpose") and not given:
        return True
    if callee.name not in ("transpose", "swap_dims") or len(given) != 2:
        return False
    axes = [place.at(axis).text.rpartition("::")[2] for axis in given]
    numbers = [engine.number(place.at(axis)) for axis in given]
    return sorted(axes) == ["Minus1", "Minus2"] or sorted(number or 0 for number in numbers) == [0, 1]


_KEEPING = frozenset(
    [
        "t",
        "transpose",
        "swap_dims",
        "clone",
        "contiguous",
        "val",
        "detach",
        "to_dtype",
        "to_device",
        "unwrap",
        "expect",
        "as_ref",
        "map_err",
        "context",
        "float",
        "into",
        "as_tensor",
        "force_contiguous",
        "to_owned",
        "borrow",
        "inner",
        "copy",
    ]
)
_RESHAPING = frozenset({"reshape", "view", "unsqueeze", "unsqueeze_dim", "squeeze", "broadcast_as", "expand"})
_BUILDING = frozenset({"from_vec", "from_slice", "from_data", "from_floats", "from_tensor", "new", "Some", "Ok"})


def _behind(place: Place, callee: Callee, params: Params) -> Place | None:
    given = flow.arguments(place.node)
    if callee.receiver is not None:
        return place.at(callee.receiver) if callee.name in _KEEPING | _RESHAPING else None
    if given and (callee.name in _BUILDING or callee.name in params.shape_preserving):
        return place.at(given[0])
    return None


def _sources(place: Place, callee: Callee) -> Iterator[str]:
    """Give the names that a call's result may be known by: an accessor's or loader's own, and its string arguments."""
    given = flow.arguments(place.node)
    if not given or callee.receiver is None:
        yield callee.name
    for argument in given:
        for literal in rust.walk(argument, "string_literal"):
            yield rust.string(place.body.file, literal).value


def _is_subject(product: Matmul, params: Params) -> bool:
    return any(_is_weight(links, params) for links in (product.left_links, product.right_links))


def _is_weight(links: Sequence[Link], params: Params) -> bool:
    if not links or re.search(params.activations, _own(links[0].name)):
        return False
    return any(re.search(params.weights, link.name) for link in links)


def _own(name: str) -> str:
    return re.split(r"[.\[]", name.removeprefix("self."))[-1]


def _level(product: Matmul, params: Params, *, changed: bool) -> str | None:
    """Give "error" for a subject, "note" for a noted product, None for a product of activations."""
    if _is_subject(product, params):
        return "error"
    sides = (product.left_links, product.right_links)
    if any(re.search(params.noted, _own(link.name)) for links in sides for link in links[:1]):
        return "error" if changed else "note"
    activations = [bool(links) and bool(re.search(params.activations, _own(links[0].name))) for links in sides]
    return "error" if changed and not all(activations) and any(sides) else None


def _changed(target: Target, products: Sequence[Matmul], params: Params) -> set[Matmul]:
    """Give the products that the base lacks: each of its own accounts for one, nearest place first."""
    if target.base is None:
        return set()
    before: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for product in _products(target.base, params):
        before[_meaning(target.base, product)].append(_where(product))
    left = list(products)
    for same in (lambda a, b: a == b, lambda a, b: a[0] == b[0], lambda a, b: a[1] == b[1], lambda _a, _b: True):
        remaining = []
        for product in left:
            there = before[_meaning(target, product)]
            match = next((place for place in there if same(_where(product), place)), None)
            if match is None:
                remaining.append(product)
            else:
                there.remove(match)
        left = remaining
    return set(left)


def _where(product: Matmul) -> tuple[str, str]:
    function = product.place.body.function
    return product.place.body.file.path, "" if function is None else function.name


def _meaning(target: Target, product: Matmul) -> str:
    """Write a product with its lets put in place, so that names of locals and layout do not matter."""
    engine = flow.flow(target)
    return "@".join(_inlined(engine, side, 0) for side in (product.left, product.right))


_INLINED_LETS = 4


def _inlined(engine: flow.Flow, place: Place, lets: int) -> str:
    node = flow.strip(place.node)
    here = place.at(node)
    binder = engine.binder(here) if node.type == "identifier" else None
    if binder is not None:
        following = engine.follow(here) if binder.kind == "let" and lets < _INLINED_LETS else None
        if following is not None:
            return _inlined(engine, following, lets + 1)
        return f"{binder.kind} {'' if binder.type is None else here.body.text(binder.type)}"
    parts = [child for child in node.children if not child.type.endswith("_comment")]
    if not parts:
        return here.text
    return " ".join(_inlined(engine, here.at(child), lets) for child in parts)


# --- judging --------------------------------------------------------------------------------------------------------


def _judge(sizes: Shapes, params: Params, product: Matmul, level: str) -> Iterator[Finding]:
    body = product.place.body
    if body.function is None:
        return
    docs, inside, whole = statements.around(body.file, body.function)
    last_line, _ = body.file.position(body.statement(product.place.node).end_byte)
    before = [one for one in inside if one.first_line <= last_line]
    nearby = [*docs, *before]
    left, right = sizes.shape(product.left), sizes.shape(product.right)
    literal = _complete(left) and _complete(right)
    contradictions = list(_contradictions(product, nearby, whole))
    contradictions.extend(_call(product, params, nearby, left, right))
    contradictions.extend(_misstated(product, nearby, whole, left, right))
    if level == "error":
        yield from contradictions
    stated = any(len(one.shapes) >= 2 for one in nearby) or _stated_for_file(product, whole)
    if not literal and not stated and not _beside(product, inside) and not contradictions:
        yield _unstated(product, level, subject=_is_subject(product, params))


def _unstated(product: Matmul, level: str, *, subject: bool) -> Finding:
    file = product.place.body.file
    line, column = file.position(product.name_node)
    if level == "note":
        message = f"`{_short(product.text)}` does not state the shapes of its operands"
        return Finding(file.path, message, line, column, help=_HELP, level="note")
    what = "multiplies by a weight" if subject else "is a new or changed product"
    message = f"`{_short(product.text)}` {what}, and the shapes of its operands are stated nowhere"
    return Finding(file.path, message, line, column, file.end_position(product.name_node), help=_HELP)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def _complete(shape: shapes.Shape | None) -> bool:
    return shape is not None and len(shape) >= 2 and all(dim is not None for dim in shape[-2:])


def _stated_for_file(product: Matmul, whole: Sequence[Statement]) -> bool:
    """Tell whether the file's own comment gives the orientation: two shapes, or the weight's within a product."""
    words = {
        word
        for links in (product.left_links, product.right_links)
        for link in links
        for word in re.split(r"[._]", link.name.casefold())
    }
    for one in whole:
        if len(one.shapes) >= 2:
            return True
        multiplied = {side.name.casefold() for item in one.products for side in (item.left, item.right)}
        if any(name.casefold() in multiplied & words for name, _ in one.names):
            return True
    return False


def _beside(product: Matmul, inside: Sequence[Statement]) -> bool:
    """Tell whether each operand's own let has its one shape in a comment on its last line."""
    file = product.place.body.file
    for operand in (product.left, product.right):
        node = flow.strip(operand.node)
        if node.type != "identifier":
            return False
        binder = operand.body.binder(operand.body.text(node), node.start_byte)
        if binder is None or binder.kind not in ("let", "parameter"):
            return False
        line, _ = file.position(binder.statement.end_byte)
        if not any(one.first_line == line and one.start > binder.statement.start_byte for one in inside):
            return False
    return True


def _contradictions(product: Matmul, nearby: Sequence[Statement], whole: Sequence[Statement]) -> Iterator[Finding]:
    file = product.place.body.file
    for one in (*nearby, *whole):
        for stated in one.products:
            inner = stated.contradiction
            if inner is not None and stated.left.shape and stated.right.shape:
                sides = f"{_show(stated.left.shape)} @ {_show(stated.right.shape)}"
                message = f"stated product `{_named(stated)}` is {sides}: `{inner[0]}` and `{inner[1]}` differ"
                yield _at_comment(product, stated, message, "state the product as the code computes it")
            elif one in nearby and _opposite(product, stated) and one.shapes and not _call_is_wrong(product, one):
                message = f"stated order `{_named(stated)}` is the reverse of `{_short(product.text)}`"
                yield _at_comment(product, stated, message, f"state the order that the code in {file.path} computes")


def _misstated(
    product: Matmul,
    nearby: Sequence[Statement],
    whole: Sequence[Statement],
    left: shapes.Shape | None,
    right: shapes.Shape | None,
) -> Iterator[Finding]:
    """Yield the statements that give an operand the very dimensions it is built with, in the other order.

    In the file's own comment only the operand's very name is meant, beside the function also its last word.
    """
    sides = ((left, product.left, product.left_links), (right, product.right, product.right_links))
    for shape, operand, links in sides:
        if shape is None or len(shape) < 2 or shape[-1] is None or shape[-2] is None:
            continue
        if not links or links[0].reshaped or _is_turned_when_bound(operand):
            continue
        built = shape[-2].text, shape[-1].text
        for one in (*nearby, *whole):
            for name, stated in one.names:
                very = name.casefold() == _own(links[0].name).casefold()
                if not very and (one in whole or _match(name, links[:1]) is None):
                    continue
                rows, columns = statements.turn(stated)[-2:] if links[0].turned else stated[-2:]
                swapped = not statements.differ(rows, built[1]) and not statements.differ(columns, built[0])
                if swapped and statements.differ(rows, built[0]) and statements.differ(columns, built[1]):
                    yield _wrong_storage(product, one, name, stated, shapes.show(shape))


def _is_turned_when_bound(operand: Place) -> bool:
    """Tell whether the let of an operand turns or reshapes what it is bound to, so that a comment may mean either."""
    node = next(rust.walk(operand.node, "identifier"), None)
    binder = None if node is None else operand.body.binder(operand.body.text(node), node.start_byte)
    if binder is None or binder.value is None:
        return False
    calls = (operand.body.callee(call) for call in rust.walk(binder.value, "call_expression"))
    return any(callee is not None and callee.name in _RESHAPING | {"t", "transpose", "swap_dims"} for callee in calls)


def _wrong_storage(product: Matmul, one: Statement, name: str, stated: statements.Shape, built: str) -> Finding:
    file = product.place.body.file
    line, column = one.place(name)
    call = Related(file.path, *file.position(product.name_node), f"multiplied here as {built}")
    message = f"`{name}` is stated as {_show(stated)}, and is built the other way round"
    return Finding(file.path, message, line, column, help="state the shape as the code builds it", related=(call,))


def _named(stated: Product) -> str:
    sides = [
        f"{side.name or _show(side.shape or ())}{'ᵀ' if side.turned else ''}" for side in (stated.left, stated.right)
    ]
    return " @ ".join(sides)


def _show(shape: Sequence[str]) -> str:
    return f"[{', '.join(shape)}]"


def _at_comment(product: Matmul, stated: Product, message: str, help_text: str) -> Finding:
    file = product.place.body.file
    line, column = file.position(product.name_node)
    related = (Related(file.path, line, column, f"the call is `{_short(product.text)}`"),)
    return Finding(file.path, message, stated.line, stated.column, help=help_text, related=related)


def _match(stated: str, links: Sequence[Link]) -> Link | None:
    """Give the first name of an operand that a stated name means: the same, or with the same last word."""
    if not stated:
        return None
    for link in links:
        for part in [link.name, *reversed(link.name.removeprefix("self.").split("."))]:
            if statements.last_word(stated) == statements.last_word(part):
                return link
    return None


def _opposite(product: Matmul, stated: Product) -> bool:
    if stated.turned:
        return False
    crossed = _match(stated.left.name, product.right_links), _match(stated.right.name, product.left_links)
    straight = _match(stated.left.name, product.left_links), _match(stated.right.name, product.right_links)
    if crossed[0] is None or crossed[1] is None or straight[0] is not None or straight[1] is not None:
        return False
    return crossed[0].turned == stated.left.turned and crossed[1].turned == stated.right.turned


def _stated_shape(links: Sequence[Link], one: Statement) -> tuple[str, statements.Shape] | None:
    """Give the stated name and shape of an operand, turned as the operand is. The very name goes before its kin."""
    for link in links:
        parts = link.name.split(".")
        for name, shape in sorted(one.names, key=lambda named: named[0] not in parts):
            if _match(name, [link]) is None:
                continue
            meant = [other for other in links if name in other.name.split(".")]
            meant = meant or [other for other in links if _match(name, [other]) is not None]
            if meant[0].reshaped or len({other.turned for other in meant}) > 1:
                return None
            return name, statements.turn(shape) if meant[0].turned else shape
    return None


def _stated_shapes(
    product: Matmul, one: Statement
) -> tuple[tuple[str, statements.Shape] | None, tuple[str, statements.Shape] | None]:
    """Give the stated names and shapes of both operands; of a left one that is a product, as far as it is stated."""
    left, right = _stated_shape(product.left_links, one), _stated_shape(product.right_links, one)
    if left is None:
        last = _stated_shape(product.factor, one)
        left = None if last is None else (last[0], ("_", last[1][-1]))
    return left, right


def _call_is_wrong(product: Matmul, one: Statement) -> bool:
    left, right = _stated_shapes(product, one)
    if left is None or right is None or left[0] == right[0]:
        return False
    return statements.differ(left[1][-1], right[1][-2])


def _call_is_right(product: Matmul, one: Statement) -> bool:
    left, right = _stated_shapes(product, one)
    return left is not None and right is not None and left[0] != right[0] and not _call_is_wrong(product, one)


def _wrong_names(
    product: Matmul, one: Statement, left: tuple[str, statements.Shape], right: tuple[str, statements.Shape]
) -> Finding:
    """Say that a statement is wrong, when another one in the function agrees with the call."""
    file = product.place.body.file
    line, column = one.place(left[0])
    message = f"`{left[0]}` {_show(left[1])} and `{right[0]}` {_show(right[1])} do not fit `{_short(product.text)}`"
    call = Related(file.path, *file.position(product.name_node), "the call, which another statement agrees with")
    return Finding(file.path, message, line, column, help="state the shapes as the code has them", related=(call,))


def _impossible(sizes: Shapes, product: Matmul, params: Params) -> Iterator[Finding]:
    """Report a product without a weight, too, when the literal shapes of its operands do not fit."""
    if any(links and re.search(params.activations, _own(links[0].name)) for links in _links_of(product)):
        return
    left, right = sizes.shape(product.left), sizes.shape(product.right)
    if _complete(left) and _complete(right) and left and right and shapes.differ(left[-1], right[-2]):
        yield _wrong_call(product, f"{shapes.show(left)} @ {shapes.show(right)}", None)


def _links_of(product: Matmul) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    return product.left_links, product.right_links


def _call(
    product: Matmul,
    params: Params,
    nearby: Sequence[Statement],
    left: shapes.Shape | None,
    right: shapes.Shape | None,
) -> Iterator[Finding]:
    """Yield at most one finding at the call, by literal shapes, else by stated ones."""
    if left is not None and right is not None and len(left) >= 2 and len(right) >= 2:
        if shapes.differ(left[-1], right[-2]):
            yield _wrong_call(product, f"{shapes.show(left)} @ {shapes.show(right)}", None)
            return
        if left[-1] is not None and right[-2] is not None:
            return
    for one in reversed(nearby):
        if any(stated.contradiction is not None and not _opposite(product, stated) for stated in one.products):
            continue
        stated_left, stated_right = _stated_shapes(product, one)
        if _call_is_wrong(product, one) and stated_left is not None and stated_right is not None:
            if any(_call_is_right(product, other) for other in nearby):
                yield _wrong_names(product, one, stated_left, stated_right)
                return
            yield _wrong_call(product, f"{_show(stated_left[1])} @ {_show(stated_right[1])}", one)
            return
        if stated_right is not None and not _is_weight(product.left_links, params):
            rows, columns = (dim.casefold() for dim in stated_right[1][-2:])
            if rows in params.outputs and columns in params.inputs:
                yield _wrong_call(product, f"x @ {_show(stated_right[1])}", one)
                return


def _wrong_call(product: Matmul, sides: str, one: Statement | None) -> Finding:
    file = product.place.body.file
    line, column = file.position(product.name_node)
    place = (line, column) if one is None else file.position(one.start)
    source = "the shapes are literal in this function" if one is None else "the shapes are stated here"
    message = f"`{_short(product.text)}` is {sides}: the inner dimensions differ"
    return Finding(
        file.path,
        message,
        line,
        column,
        file.end_position(product.name_node),
        help="swap or transpose the operands, or correct the shapes",
        related=(Related(file.path, *place, source),),
    )


# --- the vendored fact ----------------------------------------------------------------------------------------------


def _vendored(target: Target, fact: Vendored, params: Params) -> Iterator[Finding]:
    sources = target.glob(*fact.sources)
    if not sources:
        return
    engine = flow.flow(target)
    found = False
    for path in target.containing([f"fn {fact.function}".encode()], sources):
        for function in rust.functions(rust.file(target, path)):
            if (function.name, function.owner, function.trait) == (fact.function, fact.type, None) and function.body:
                found = True
                yield from _by_turned_let(engine, path, function, fact, params)
    if not found:
        message = f"vendored sources hold no `{fact.type}::{fact.function}`, which the checklist describes"
        yield Finding(sources[0], message, help="correct the checklist's parameters, or the vendored copy")


def _by_turned_let(
    engine: flow.Flow, path: str, function: rust.Function, fact: Vendored, params: Params
) -> Iterator[Finding]:
    products = list(_in_function(engine, path, function, params, nested=True))
    help_text = f"multiply by a let that is bound to `{fact.operand}.t()`"
    seen = set()
    for product in products:
        if any(link.turned and _own(link.name) == fact.operand for link in product.right_links):
            continue
        node = flow.strip(product.right.node)
        binder = product.right.body.binder(product.right.body.text(node), node.start_byte)
        of_let = binder is not None and binder.kind == "let" and binder.name != fact.operand
        anchor = binder.statement if of_let and binder is not None else product.name_node
        if anchor.start_byte not in seen:
            seen.add(anchor.start_byte)
            line, column = function.file.position(anchor)
            call = Related(path, *function.file.position(product.name_node), "the product")
            message = (
                f"`{fact.type}::{fact.function}` multiplies by `{product.right.text}`, not by `{fact.operand}.t()`"
            )
            yield Finding(path, message, line, column, help=help_text, related=(call,))
    if not products:
        line, column = function.file.position(function.node)
        message = f"`{fact.type}::{fact.function}` no longer multiplies by `{fact.operand}.t()`"
        yield Finding(path, message, line, column, help=help_text)
