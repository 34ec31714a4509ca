"""Ranks and shapes of tensors in Rust functions, where the text of the function makes them known.

Knows the constructors and shape methods of Burn and Candle (their API documentation is the source). A shape is a tuple
of dimensions, one of them None where only the rank is known; an unknown rank is None, and nothing follows from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views import fields, rust
from pytest_mens.views.flow import Flow, Place, arguments, expressions, flow, strip, tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.flow import Binder, Callee


@dataclass(frozen=True)
class Dim:
    """One dimension: its text, its number if known. `settled` tokens are names that differ in meaning when in text."""

    text: str
    value: float | None = None
    settled: bool = False

    @property
    def one(self) -> bool:
        """Tell whether it is surely 1."""
        return self.value == 1


Shape = tuple["Dim | None", ...]
ONE = Dim("1", 1.0, settled=True)

_SAME = frozenset(
    [
        "clone",
        "contiguous",
        "to_dtype",
        "to_device",
        "detach",
        "val",
        "expect",
        "unwrap",
        "into",
        "float",
        "exp",
        "sqrt",
        "neg",
        "abs",
        "relu",
        "gelu",
        "silu",
        "tanh",
        "sin",
        "cos",
        "log",
        "recip",
        "sqr",
        "clamp",
        "affine",
        "mul_scalar",
        "add_scalar",
        "sub_scalar",
        "div_scalar",
        "powf_scalar",
        "powf",
        "as_ref",
        "unwrap_or_default",
        "context",
        "with_context",
        "map_err",
        "ok",
        "as_tensor",
        "as_detached_tensor",
        "require_grad",
        "no_grad",
        "inner",
        "copy",
        "to_owned",
        "borrow",
        "mul",
        "sub",
        "div",
        "broadcast_left_same",
        "sigmoid",
        "softmax",
        "as_deref",
        "deref",
        "cast",
        "force_contiguous",
        "ok_or",
        "ok_or_else",
    ]
)
_SHAPE_AT = {
    "from_vec": 1,
    "from_slice": 1,
    "zeros": 0,
    "ones": 0,
    "empty": 0,
    "random": 0,
    "full": 0,
    "randn": 2,
    "rand": 2,
    "get": 0,
    "get_with_hints": 0,
    "from_raw_buffer": 2,
}
_WRAPPERS = frozenset({"from_tensor", "from_data", "from_ints", "from_floats", "Some", "Ok", "new_from_tensor"})
_PRODUCTS = ("matmul", "broadcast_matmul", "mm")
_INTEGERS = ("usize", "u32", "i64")
_ADDING = frozenset({"broadcast_add", "broadcast_sub", "broadcast_mul", "broadcast_div", "add"})


class Shapes:
    """The shapes of one target. `preserving` are functions that give a tensor of their first argument's shape.

    `vectors` is a regular expression for names of tensors that are of rank 1 where nothing tells their rank.
    """

    def __init__(self, engine: Flow, preserving: Sequence[str] = (), vectors: str = "") -> None:
        self.flow = engine
        self.preserving = frozenset(preserving)
        self.vectors = vectors
        self._assumed: dict[Binder, Shape] = {}
        self._memo: dict[tuple[int, int], Shape | None] = {}
        self._used: dict[int, dict[Binder, Shape]] = {}

    def shape(self, place: Place, depth: int = 0) -> Shape | None:
        """Give the shape of a tensor expression, or None."""
        key = (place.node.id, id(place.frame))
        if key not in self._memo:
            if depth > 60:
                return None
            self._memo[key] = None
            self._memo[key] = self._shape(place, depth + 1)
        return self._memo[key]

    def _shape(self, place: Place, depth: int) -> Shape | None:  # noqa: PLR0911 - one return per form
        node = strip(place.node)
        here = place.at(node)
        if node.type == "identifier":
            return self._of_name(here, depth)
        if node.type == "call_expression":
            return self._of_call(here, depth)
        if node.type == "binary_expression":
            left, right = (node.child_by_field_name(name) for name in ("left", "right"))
            if left is None or right is None:
                return None
            return _larger(self.shape(place.at(left), depth), self.shape(place.at(right), depth))
        if node.type == "field_expression":
            return self._of_field(here, depth)
        if node.type == "block":
            last = tail(node)
            return None if last is None else self.shape(place.at(last), depth)
        if node.type == "if_expression":
            return self._of_branches([place.at(child) for child in _branches(node)], depth)
        if node.type == "match_expression":
            arms = [arm.child_by_field_name("value") for arm in rust.walk(node, "match_arm")]
            return self._of_branches([place.at(arm) for arm in arms if arm is not None], depth)
        return None

    def at_least(self, place: Place, depth: int = 0) -> int:  # noqa: PLR0911 - one return per form
        """Give a rank that a tensor has at least: that of a matrix if it is one side or the result of a product.

        What a layer's `forward` gives has no lower rank than what goes in.
        """
        shape = self.shape(place)
        if shape is not None or depth > 20:
            return 0 if shape is None else len(shape)
        node = strip(place.node)
        here = place.at(node)
        if node.type == "identifier":
            if any(here.body.text(strip(side)) == here.text for side in _multiplied(here)):
                return 2
            value = self.flow.follow(here)
            return 0 if value is None else self.at_least(value, depth + 1)
        if node.type == "if_expression":
            return min((self.at_least(place.at(branch), depth + 1) for branch in _branches(node)), default=0)
        callee = here.body.callee(node) if node.type == "call_expression" else None
        if callee is None or callee.receiver is None:
            return 0
        given = arguments(node)
        if callee.name in _PRODUCTS:
            return 2
        if callee.name == "forward":
            return self.at_least(place.at(given[0]), depth + 1) if given else 0
        return self.at_least(place.at(callee.receiver), depth + 1) if callee.name in _SAME else 0

    def _of_branches(self, places: list[Place], depth: int) -> Shape | None:
        shapes = [self.shape(place, depth) for place in places if place.text not in ("None", "{ None }")]
        return _common(shapes)

    def _of_field(self, place: Place, depth: int) -> Shape | None:
        """Give the shape of a struct's field by its type and constructors. Of its dimensions only a 1 is known."""
        kind = fields.declared(self.flow, place)
        rank = self._rank_declared(place, kind, place.text.rpartition(".")[2])
        known = [shape for value in fields.values(self.flow, place) if (shape := self.shape(value, depth)) is not None]
        if len({len(shape) for shape in known}) > 1:
            known = []
        if not known:
            return None if rank is None else (None,) * rank
        return tuple(ONE if dim is not None and dim.one else None for dim in _common(known) or known[0])

    def _of_name(self, place: Place, depth: int) -> Shape | None:
        binder = self.flow.binder(place)
        if binder is None:
            constant = self.flow.constant(place)
            return None if constant is None else self.shape(constant, depth)
        if binder in self._assumed:
            return self._assumed[binder]
        value = self.flow.bound(binder, place.frame)
        found = self._of_changing(binder, place, depth) if value is None else self.shape(value, depth)
        declared = self._declared(binder, place)
        if declared is not None and (found is None or len(found) != declared):
            found = self._padded(value, declared, depth) or (None,) * declared
        return found or self._by_use(binder, place)

    def _declared(self, binder: Binder, place: Place) -> int | None:
        """Give the rank that a declared type `Tensor<B, N>` or `Param<Tensor<B, N>>` states."""
        return self._rank_declared(place, binder.type, binder.name)

    def _rank_declared(self, place: Place, kind: Node | None, name: str) -> int | None:
        rank = None if kind is None else _rank_of_type(place, kind)
        if rank is None and kind is not None and self.vectors and re.search(self.vectors, name):
            return 1 if re.search(r"\bTensor\b(?!\s*<)", place.body.text(kind)) else None
        return rank

    def _of_changing(self, binder: Binder, place: Place, depth: int) -> Shape | None:
        """Give the shape of a name that is assigned again, when every value leaves it what it was at first."""
        if binder.value is None or binder.kind != "let":
            return None
        first = self.shape(self.flow.project(Place(binder.value, place.frame), binder.path), depth)
        if first is None:
            return None
        inner = Shapes(self.flow, tuple(self.preserving), self.vectors)
        inner._assumed = {**self._assumed, binder: first}
        values = [value for value in place.body.changes(binder) if not _compound(place, value)]
        found = [first, *(inner.shape(place.at(value), depth) for value in values)]
        return first if all(shape == first for shape in found) else _common(found)

    def _padded(self, value: Place | None, rank: int, depth: int) -> Shape | None:
        """Give the shape of Burn's `unsqueeze()`, whose rank stands in the declared type."""
        if value is None or value.node.type != "call_expression":
            return None
        callee = value.body.callee(value.node)
        if callee is None or callee.receiver is None or callee.name != "unsqueeze" or arguments(value.node):
            return None
        inner = self.shape(value.at(callee.receiver), depth)
        return None if inner is None or len(inner) > rank else (ONE,) * (rank - len(inner)) + inner

    def _by_use(self, binder: Binder, place: Place) -> Shape | None:
        """Learn from `x.dims3()` and `let [a, b] = x.dims()` elsewhere in the function."""
        if id(place.body) not in self._used:
            self._used[id(place.body)] = dict(_uses(place))
        return self._used[id(place.body)].get(binder)

    # --- calls -------------------------------------------------------------------------------------------------

    def _of_call(self, place: Place, depth: int) -> Shape | None:  # noqa: PLR0911 - one return per form
        callee = place.body.callee(place.node)
        if callee is None:
            return None
        if callee.receiver is None:
            return self._of_function(place, callee, depth)
        given = [place.at(argument) for argument in arguments(place.node)]
        if callee.name in ("get", "get_with_hints") and len(given) >= 2:
            return self.dims(given[0])
        if callee.name in ("and_then", "map") and len(given) == 1 and given[0].node.type == "closure_expression":
            body = given[0].node.child_by_field_name("body")
            return None if body is None else self.shape(place.at(body), depth)
        if callee.name in ("reshape", "view", "broadcast_as", "expand"):
            return self.dims(given[0]) if given else None
        if callee.name == "flatten_all":
            return (None,)
        if callee.name not in _FROM_RECEIVER:
            return None  # known without following the receiver
        return self._of_method(place, callee, given, depth)

    def _of_method(  # noqa: PLR0911 - one return per form
        self, place: Place, callee: Callee, given: list[Place], depth: int
    ) -> Shape | None:
        """Give the shape of a call whose result depends on that of its receiver."""
        receiver = None if callee.receiver is None else self.shape(place.at(callee.receiver), depth)
        if callee.name in _ADDING:
            return _larger(receiver, self.shape(given[0], depth) if given else None)
        if callee.name in _PRODUCTS:
            return _product(receiver, self.shape(given[0], depth) if given else None)
        if receiver is None:
            return None
        if callee.name == "unsqueeze" and callee.generics is not None:
            rank = _rank_in(callee.generics, place)
            return None if rank is None or rank < len(receiver) else (ONE,) * (rank - len(receiver)) + receiver
        if callee.name == "unsqueeze" and not given:
            return None
        method = _METHODS.get(callee.name)
        if method is not None:
            axes = len(receiver) + (callee.name in ("unsqueeze", "unsqueeze_dim"))
            return method(receiver, [self._index(argument, axes) for argument in given])
        return receiver

    def _of_function(self, place: Place, callee: Callee, depth: int) -> Shape | None:  # noqa: PLR0911 - one return per form
        given = [place.at(argument) for argument in arguments(place.node)]
        if not given:
            return None
        if callee.name in self.preserving or callee.name in _WRAPPERS:
            inner = self._of_data(given[0], depth)
            rank = _rank_of_path(place)
            return inner if inner is not None else (None if rank is None else (None,) * rank)
        if len(callee.segments) > 1 and callee.name in _SHAPE_AT and len(given) > _SHAPE_AT[callee.name]:
            found = self.dims(given[_SHAPE_AT[callee.name]])
            rank = _rank_of_path(place)
            return found if found is not None or rank is None else (None,) * rank
        if len(callee.segments) > 1 and callee.name == "new":
            return self._of_data(given[0], depth) if _literal_array(given[0].node) else None
        if callee.name in ("matmul", "broadcast_add", "add") and len(given) == 2 and callee.segments[-2:-1]:
            left, right = (self.shape(one, depth) for one in given)
            return _product(left, right) if callee.name == "matmul" else _larger(left, right)
        if callee.name == "arange":
            return (None,)
        frame = self.flow.call(place)
        last = None if frame is None or frame.body.block is None else tail(frame.body.block)
        return None if frame is None or last is None else self.shape(Place(last, frame), depth)

    def _of_data(self, place: Place, depth: int) -> Shape | None:
        """Give the shape of `TensorData::new(v, [m, k])`, of nested array literals, or of a tensor."""
        node = strip(place.node)
        if node.type == "call_expression":
            callee = place.body.callee(node)
            given = arguments(node)
            data = callee is not None and callee.segments[-2:-1] in (("TensorData",), ("Data",))
            if data and callee is not None and callee.name == "new" and len(given) >= 2:
                return self.dims(place.at(given[1]))
            if data and given:
                return self._of_data(place.at(given[0]), depth)
        if node.type == "array_expression":
            return _array_shape(node)
        if node.type == "identifier":
            following = self.flow.follow(place.at(node))
            if following is not None and strip(following.node).type in ("call_expression", "array_expression"):
                return self._of_data(following, depth)
        return self.shape(place, depth)

    def dims(self, place: Place, depth: int = 0) -> Shape | None:  # noqa: PLR0911 - one return per form
        """Give the dimensions that a shape argument spells: tuple, array, or a bare integer for rank 1."""
        node = strip(place.node)
        if node.type == "tuple_expression":
            return tuple(self._dim(place.at(part)) for part in expressions(node))
        if node.type == "array_expression":
            if any(child.type == ";" for child in node.children):
                return None
            return tuple(self._dim(place.at(part)) for part in expressions(node))
        if node.type in ("integer_literal", "binary_expression"):
            return (self._dim(place.at(node)),)
        if node.type == "field_expression":
            return (self._dim(place.at(node)),) if self._is_integer(place.at(node)) else None
        if node.type == "identifier" and depth < 20:
            if self.flow.number(place.at(node)) is not None or self._is_integer(place.at(node)):
                return (self._dim(place.at(node)),)
            following = self.flow.follow(place.at(node))
            return None if following is None else self.dims(following, depth + 1)
        if node.type == "unit_expression":
            return ()
        return None

    def _is_integer(self, place: Place) -> bool:
        if place.node.type == "field_expression":
            kind = fields.declared(self.flow, place)
            return kind is not None and place.body.text(kind) in _INTEGERS
        binder = self.flow.binder(place)
        if binder is None:
            return False
        if binder.type is not None:
            return place.body.text(binder.type) in _INTEGERS
        value = None if binder.value is None else strip(binder.value)
        callee = place.body.callee(value) if value is not None and value.type == "call_expression" else None
        if callee is None or callee.receiver is None:
            return False
        return callee.name in ("dim", "len", "dims1") or (callee.name.startswith("dims") and bool(binder.path))

    def _dim(self, place: Place) -> Dim | None:
        node = strip(place.node)
        value = self.flow.number(place)
        current = place.at(node)
        for _ in range(20):
            following = self.flow.follow(current) if current.node.type == "identifier" else None
            if following is None or strip(following.node).type != "identifier":
                break
            current = following.at(strip(following.node))
        text = "".join(current.text.split())
        settled = value is not None or (current.node.type == "identifier" and self._is_integer(current))
        return Dim(text, value, settled)

    def _index(self, place: Place, rank: int) -> int | None:
        text = place.text
        if text.endswith(("Minus1", "Minus2")):
            return rank - int(text[-1])
        value = self.flow.number(place)
        if value is None:
            return None
        return int(value) if value >= 0 else rank + int(value)


def _uses(place: Place) -> Iterator[tuple[Binder, Shape]]:
    """Give the names whose rank `dims` calls tell, with the names that the dimensions are given."""
    body = place.body
    if b"dims" not in body.file.source[body.node.start_byte : body.node.end_byte]:
        return
    for call in body.calls:
        callee = body.callee(call)
        if callee is None or callee.receiver is None or not callee.name.startswith("dims"):
            continue
        root = strip(callee.receiver)
        binder = body.binder(body.text(root), root.start_byte) if root.type == "identifier" else None
        let = body.enclosing(call, "let_declaration")
        pattern = None if let is None else let.child_by_field_name("pattern")
        if binder is not None and callee.name == "dims1":
            yield binder, (None,)
        elif binder is not None and callee.name in ("dims2", "dims3", "dims4", "dims5"):
            yield binder, _pattern_dims(place, pattern, int(callee.name[-1]))
        elif binder is not None and callee.name == "dims" and pattern is not None and pattern.type == "slice_pattern":
            yield binder, _pattern_dims(place, pattern, len(expressions(pattern)))


def _multiplied(place: Place) -> Iterator[Node]:
    """Give the sides of all matrix products in a place's body that are the same variable's, or of its name."""
    body = place.body
    binder = body.binder(place.text, place.node.start_byte)
    for call in body.calls:
        callee = body.callee(call)
        if callee is None or callee.receiver is None or callee.name not in _PRODUCTS:
            continue
        for side in (callee.receiver, *arguments(call)):
            if body.binder(body.text(strip(side)), side.start_byte) is binder:
                yield side


def _branches(node: Node) -> list[Node]:
    first, other = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    found = [] if first is None else [first]
    if other is not None:
        found.extend(child for child in other.named_children if child.type in ("block", "if_expression"))
    return found


def _common(shapes: Sequence[Shape | None]) -> Shape | None:
    """Give what several shapes of one rank agree on; None when a rank is unknown or differs."""
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) < len(shapes) or len({len(shape) for shape in known}) > 1:
        return None
    return tuple(dims[0] if len(set(dims)) == 1 else None for dims in zip(*known, strict=True))


def _compound(place: Place, value: Node) -> bool:
    holder = place.body.parent(value)
    return holder is not None and holder.type == "compound_assignment_expr"


def _larger(left: Shape | None, right: Shape | None) -> Shape | None:
    """Give the shape of a sum or product of elements; beside an unknown one, a tensor of rank 1 may be the smaller."""
    if left is None or right is None:
        known = left or right
        return known if known is not None and len(known) > 1 else None
    return left if len(left) >= len(right) else right


def _product(left: Shape | None, right: Shape | None) -> Shape | None:
    if left is None or len(left) < 2:
        known = left is None and right is not None and len(right) > 1
        return (*(None,) * (len(right) - 1), right[-1]) if known and right is not None else None
    return (*left[:-1], right[-1] if right is not None and len(right) >= 2 else None)


def _swap(shape: Shape, indices: list[int | None]) -> Shape | None:
    if not indices:
        indices = [len(shape) - 2, len(shape) - 1]
    if len(indices) != 2 or any(index is None or not 0 <= index < len(shape) for index in indices):
        return (None,) * len(shape)
    found = list(shape)
    first, second = int(indices[0] or 0), int(indices[1] or 0)
    found[first], found[second] = found[second], found[first]
    return tuple(found)


def _insert(shape: Shape, indices: list[int | None]) -> Shape | None:
    index = indices[0] if indices else None
    if index is None or not 0 <= index <= len(shape) + 1:
        return (None,) * (len(shape) + 1)
    index = min(index, len(shape))
    return (*shape[:index], ONE, *shape[index:])


def _remove(shape: Shape, indices: list[int | None]) -> Shape | None:
    index = indices[0] if indices else None
    if not shape:
        return None
    if index is None or not 0 <= index < len(shape):
        return (None,) * (len(shape) - 1)
    return shape[:index] + shape[index + 1 :]


def _narrowed(shape: Shape, indices: list[int | None]) -> Shape | None:
    index = indices[0] if indices else None
    if index is None or not 0 <= index < len(shape):
        return (None,) * len(shape)
    return (*shape[:index], None, *shape[index + 1 :])


_METHODS: dict[str, Callable[[Shape, list[int | None]], Shape | None]] = {
    "t": _swap,
    "transpose": _swap,
    "swap_dims": _swap,
    "unsqueeze": _insert,
    "unsqueeze_dim": _insert,
    "squeeze": _remove,
    "squeeze_dim": _remove,
    "narrow": _narrowed,
    "sum_keepdim": _narrowed,
    "max_keepdim": _narrowed,
    "mean_keepdim": _narrowed,
    "sum_dim": _narrowed,
    "mean_dim": _narrowed,
}
_FROM_RECEIVER = frozenset({*_ADDING, *_PRODUCTS, *_METHODS, *_SAME})


def _literal_array(node: Node) -> bool:
    return strip(node).type == "array_expression"


def _array_shape(node: Node) -> Shape | None:
    found: list[Dim | None] = []
    current: Node | None = node
    while current is not None and strip(current).type == "array_expression":
        array = strip(current)
        parts = expressions(array)
        repeated = any(child.type == ";" for child in array.children)
        found.append(None if repeated else Dim(str(len(parts)), float(len(parts)), settled=True))
        current = parts[0] if parts else None
    return tuple(found)


def _rank_in(generics: Node, place: Place) -> int | None:
    numbers = [child for child in generics.named_children if child.type == "integer_literal"]
    return int(place.body.text(numbers[0])) if len(numbers) == 1 else None


def _rank_of_type(place: Place, node: Node) -> int | None:
    for generic in rust.walk(node, "generic_type"):
        name = place.body.segments(generic)
        inner = generic.child_by_field_name("type_arguments")
        if name and name[-1].endswith("Tensor") and inner is not None:
            rank = _rank_in(inner, place)
            if rank is not None:
                return rank
    return None


def _rank_of_path(place: Place) -> int | None:
    """Give the rank in `Tensor::<B, N>::f(..)`."""
    function = place.node.child_by_field_name("function")
    return None if function is None else _rank_of_type(place, function)


def _pattern_dims(place: Place, pattern: Node | None, rank: int) -> Shape:
    parts = [] if pattern is None else expressions(pattern)
    if len(parts) != rank:
        return (None,) * rank
    return tuple(Dim(place.body.text(part)) if part.type == "identifier" else None for part in parts)


def differ(left: Dim | None, right: Dim | None) -> bool:
    """Tell whether two dimensions are surely not the same."""
    if left is None or right is None or left.text == right.text:
        return False
    if left.value is not None and right.value is not None:
        return left.value != right.value
    return left.settled and right.settled


def show(shape: Shape) -> str:
    """Write a shape as `[batch, hidden]`, `_` where a dimension is unknown."""
    return "[" + ", ".join("_" if dim is None else dim.text for dim in shape) + "]"


def shapes(target: Target, preserving: Sequence[str] = (), vectors: str = "") -> Shapes:
    """Give the shapes of a target."""
    return Shapes(flow(target), preserving, vectors)
