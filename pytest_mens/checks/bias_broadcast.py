"""A bias is added with its length on the last axis, by the form that each tensor library broadcasts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import fields, flow, rust, scope, shapes, tensor_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.flow import Callee, Place
    from pytest_mens.views.shapes import Shape, Shapes


@dataclass(frozen=True)
class Params:
    """Names of the rule.

    Packages that use one of `libraries` are read (`exclude` not), and the `vendored` sources. `strict` are the
    libraries whose `+` and `add` want equal shapes, `ranked` those whose `+` wants equal ranks. `bias` is a regular
    expression for a bias's name, `other` for names that are masks or scalars, `vectors` for those of tensors that are
    of rank 1 where nothing tells their rank.
    """

    libraries: tuple[str, ...]
    strict: tuple[str, ...]
    ranked: tuple[str, ...]
    bias: str
    other: str
    exclude: tuple[str, ...] = ()
    vendored: tuple[str, ...] = ()
    shape_preserving: tuple[str, ...] = ()
    vectors: str = ""


@dataclass(frozen=True, eq=False)
class Sum:
    """An addition: where its operator or method name stands, its form (`+`, `add`, `broadcast_add`), its operands."""

    place: Place
    anchor: Node
    form: str
    left: Place
    right: Place


@dataclass(frozen=True, eq=False)
class Bias:
    """An operand that is a bias: its shape when added, and the call that laid it out, if any, with its length."""

    name: str
    shape: Shape | None
    layout: Place | None
    length: Shape | None


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge every addition of a bias."""
    sizes = shapes.shapes(target, params.shape_preserving, params.vectors)
    found = False
    seen = set()
    for one in _sums(target, params):
        for operand, other in ((one.left, one.right), (one.right, one.left)):
            for finding in _column(sizes, one, operand, other):
                found = True
                if finding not in seen:
                    seen.add(finding)
                    yield finding
            bias = _bias(sizes, operand, params)
            if bias is None or (bias.layout is None and _bias(sizes, other, params) is not None):
                continue
            found = True
            for finding in _judge(params, sizes, one, bias, other):
                if finding not in seen:
                    seen.add(finding)
                    yield finding
    if not found:
        raise SubjectMissingError(f"no addition of a bias in any package that uses {', '.join(params.libraries)}")


# --- additions ------------------------------------------------------------------------------------------------------

_FUNCTION = re.compile(rb"fn(?<!\wfn)\s+(?=\w)")
_ADDITION = re.compile(rb"\+\s*[^\s\d\"'=]|add_?\s*\(")
_TENSOR = re.compile(rb"\bTensor\b")
_PLAIN = (b"TensorData", b"from_vec", b"from_slice", b"from_floats", b"flatten_all")
_OF_RANK_ONE = re.compile(
    rb"Tensor(?:\s*(?:::)?\s*<[^;{}()]*,\s*1\b|::(?:new|arange|zeros|ones|rand\w*|full)\b)|\.get\w*\(\s*(?:\(|[\w.]+\s*,)"
)
"""Either is what a function must hold for a tensor of rank 1 to be known in it."""
_ANCHOR = re.compile(r"(?<![\\\[])[\^$]")
_MAKING = re.compile(rb"(\w+)[^;{}]*->(?=[^;{}]*\bTensor\b)")
"""A function that gives a tensor, from its name on."""
_VECTOR = re.compile(
    rb"Tensor\s*<[^;{}()]*,\s*1\s*>|\b(?:zeros|ones|full)\s*\(\s*\(?[\w.]+\s*,\s*\)?\s*[A-Z&d]"
    rb"|\bfrom_(?:vec|slice)\s*\([^;]*,\s*(?:\([\w.]+,\)|[\w.]+)\s*,[^,;]*\)|\barange\s*\(|\.\s*flatten_all\b"
    rb"|\.\s*get\w*\s*\(\s*[\w.]+\s*,"
)
_RANK_ONE = re.compile(rb"Tensor\s*<[^<>;{}()]*,\s*1\s*>")
_FIELD = re.compile(rb"(\w+)\s*:[\w\s:<]*\Z")


def _sums(target: Target, params: Params) -> Iterator[Sum]:
    engine = flow.flow(target)
    paths = tensor_code.files(target, params.libraries, params.exclude, ["Tensor"])
    vendored = target.containing([b"Tensor"], target.glob(*params.vendored)) if params.vendored else []
    named = re.compile(_ANCHOR.sub(r"\\b", params.bias).encode())  # in running text, names begin and end at words
    for path in dict.fromkeys((*paths, *vendored)):
        data = target.data(path)
        if not _TENSOR.search(data):
            continue
        texts = _FUNCTION.split(data)
        elsewhere = _known_elsewhere(data, texts)
        if not any(_may_add(text, named, elsewhere) for text in texts):
            continue
        file = rust.file(target, path)
        for function in rust.functions(file):
            if function.body is None:
                continue
            text = file.source[function.node.start_byte : function.body.end_byte]
            if not _may_add(text, named, elsewhere):
                continue
            if path in vendored or scope.compiled(target, file, function.node):
                yield from _in_function(engine, path, function)


def _may_add(text: bytes, named: re.Pattern[bytes], elsewhere: Collection[bytes]) -> bool:
    """Tell whether a function's text holds an addition and what a bias is known by: its name, or its rank."""
    if _ADDITION.search(text) is None:
        return False
    if any(name in text for name in (*_PLAIN, *elsewhere)):
        return True
    return _OF_RANK_ONE.search(text) is not None or named.search(text) is not None


def _known_elsewhere(data: bytes, texts: Sequence[bytes]) -> list[bytes]:
    """Give what the rest of a file lets a function know a tensor of rank 1 by: its functions and its fields."""
    making = (match for text in texts if (match := _MAKING.match(text)) and _VECTOR.search(text, match.end()))
    return [
        *(before + match.group(1) + b"(" for match in making for before in (b" ", b"&", b"(", b":")),
        *(b"." + match.group(1) for vector in _RANK_ONE.finditer(data) if (match := _field_of(data, vector.start()))),
    ]


def _field_of(data: bytes, at: int) -> re.Match[bytes] | None:
    """Give the name that stands before a type, as far as it stands on its line."""
    return _FIELD.search(data, data.rfind(b"\n", 0, at) + 1, at)


def _in_function(engine: flow.Flow, path: str, function: rust.Function) -> Iterator[Sum]:
    frame = engine.enter(path, function)
    body = frame.body
    for node in body.nodes("binary_expression", "compound_assignment_expr", "call_expression"):
        if not body.own(node):
            continue
        if node.type == "call_expression":
            callee = body.callee(node)
            given = flow.arguments(node)
            if callee is None or callee.name not in ("add", "broadcast_add", "add_"):
                continue
            if callee.receiver is not None and len(given) == 1:
                sides = callee.receiver, given[0]
            elif callee.receiver is None and len(callee.segments) > 1 and len(given) == 2:
                sides = given[0], given[1]
            else:
                continue
            place = flow.Place(node, frame)
            yield Sum(place, callee.name_node, callee.name, *(flow.Place(side, frame) for side in sides))
            continue
        operator, left, right = (node.child_by_field_name(name) for name in ("operator", "left", "right"))
        if operator is None or left is None or right is None or operator.type not in ("+", "+="):
            continue
        if not any(side.type in ("integer_literal", "float_literal") for side in (left, right)):
            yield Sum(flow.Place(node, frame), operator, "+", flow.Place(left, frame), flow.Place(right, frame))


# --- biases ---------------------------------------------------------------------------------------------------------

_LAYING = frozenset(
    {"reshape", "unsqueeze", "unsqueeze_dim", "view", "broadcast_as", "expand", "t", "transpose", "swap_dims"}
)
_KEEPING = frozenset(
    {"clone", "val", "to_dtype", "to_device", "contiguous", "unwrap", "expect", "as_ref", "detach", "into", "map_err"}
)


def _bias(sizes: Shapes, operand: Place, params: Params) -> Bias | None:
    """Follow an operand back to a tensor of rank 1 or to a name that says bias; None when it is neither."""
    shape = sizes.shape(operand)
    layout: Place | None = None
    names: list[str] = []
    named = False
    length: Shape | None = None
    following: Place | None = operand
    for _ in range(50):
        if following is None:
            break
        node = flow.strip(following.node)
        here = following.at(node)
        known = sizes.shape(following)
        length = known if known is not None and len(known) == 1 else length
        following = None
        if node.type in ("identifier", "field_expression") and not named:
            names.append(here.text.rpartition(".")[2])
            named = re.search(params.bias, names[-1]) is not None and not _is_number(sizes, here)
            if not named and re.search(params.other, names[-1]):
                return None
        if node.type == "identifier":
            following = sizes.flow.follow(here)
        elif node.type == "call_expression":
            callee = here.body.callee(node)
            following = _behind(here, callee) or _returned(sizes.flow, here)
            if following is not None and callee is not None and callee.name in _LAYING and layout is None:
                layout = here
    if named:
        return Bias(names[-1], shape, layout, length)
    if known is None or len(known) != 1 or (known[0] is not None and known[0].one):
        return None
    return Bias(names[-1] if names else here.text, shape, layout, known)


def _behind(place: Place, callee: Callee | None) -> Place | None:
    if callee is None or callee.receiver is None:
        return None
    if callee.name in ("and_then", "map"):
        given = flow.arguments(place.node)
        body = given[0].child_by_field_name("body") if len(given) == 1 else None
        return None if body is None or given[0].type != "closure_expression" else place.at(body)
    return place.at(callee.receiver) if callee.name in _LAYING | _KEEPING else None


def _returned(engine: flow.Flow, place: Place) -> Place | None:
    """Give what a local function ends with."""
    frame = engine.call(place)
    last = None if frame is None or frame.body.block is None else flow.tail(frame.body.block)
    return None if frame is None or last is None else flow.Place(last, frame)


def _is_number(sizes: Shapes, place: Place) -> bool:
    """Tell whether a name is a number, boolean or string by its declared type or value, so no tensor."""
    if place.node.type == "field_expression":
        kind = fields.declared(sizes.flow, place)
    else:
        binder = sizes.flow.binder(place)
        kind = None if binder is None else binder.type
    declared = "" if kind is None else place.body.text(kind)
    if re.fullmatch(r"&?\s*(?:mut\s+)?(?:bool|[iuf]\d+|usize|isize|String|str)", declared):
        return True
    return sizes.flow.number(place) is not None


# --- judging --------------------------------------------------------------------------------------------------------


def _judge(params: Params, sizes: Shapes, one: Sum, bias: Bias, other: Place) -> Iterator[Finding]:
    file = one.place.body.file
    wrong = _wrong_axis(bias)
    if wrong is not None and bias.layout is not None:
        line, column = bias.layout.body.file.position(_name(bias.layout))
        message = f"bias `{bias.name}` is laid out as {shapes.show(wrong)}: its length is not on the last axis"
        related = (Related(file.path, *file.position(one.anchor), "added here"),)
        yield Finding(
            file.path, message, line, column, help="put the length on the last axis, such as `[1, n]`", related=related
        )
        return
    rank = 0 if one.form == "broadcast_add" or bias.shape is None else sizes.at_least(other)
    if bias.shape is None or len(bias.shape) >= rank:
        return
    library = _library(sizes.flow, params, one)
    if library is None or (library == "ranked" and len(bias.shape) != 1):
        return
    line, column = file.position(one.anchor)
    message = f"`{one.form}` adds bias `{bias.name}` of rank {len(bias.shape)} to a tensor of rank {rank}"
    advice = {
        "strict": "use `broadcast_add`; `+` and `add` want equal shapes",
        "ranked": "give the bias the same rank first, such as `reshape([1, n])` or `unsqueeze::<2>()`",
    }
    yield Finding(file.path, message, line, column, file.end_position(one.anchor), help=advice[library])


def _wrong_axis(bias: Bias) -> Shape | None:
    """Give the layout of a bias whose length stands before the last axis."""
    shape = bias.shape
    if shape is None or bias.layout is None or len(shape) < 2:
        return None
    last = shape[-1]
    if last is None:
        return None
    length = bias.length[0] if bias.length is not None and len(bias.length) == 1 else None
    longer = any(dim is None or not dim.one for dim in shape[:-1])  # `[-1, 1]` and `((), 1)` too
    if length is not None and not length.one:
        moved = any(dim is not None and dim.text == length.text for dim in shape[:-1])
        return shape if (moved or (last.one and longer)) and last.text != length.text else None
    return shape if last.one and longer else None


def _column(sizes: Shapes, one: Sum, operand: Place, other: Place) -> Iterator[Finding]:
    """Yield an operand built as a column, `[n, 1]`, that is added to a tensor whose last axis has the length n."""
    shape, rows = sizes.shape(operand), sizes.shape(other)
    if shape is None or rows is None or not 2 <= len(shape) <= len(rows):
        return
    last, length, at_row = shape[-1], shape[-2], rows[-2]
    if last is None or length is None or not last.one or length.one or at_row is None or rows[-1] != length:
        return
    built = operand
    for _ in range(20):
        following = sizes.flow.follow(built)
        if following is None:
            break
        built = following
    if at_row.text == length.text or _laid_out(built):
        return
    line, column = built.position
    message = f"`{operand.text.lstrip('&')}` is built as {shapes.show(shape)}: its length is not on the last axis"
    related = (Related(one.place.body.file.path, *one.place.body.file.position(one.anchor), "added here"),)
    help_text = "build it with its length on the last axis, such as `[1, n]`"
    yield Finding(built.body.file.path, message, line, column, help=help_text, related=related)


def _laid_out(place: Place) -> bool:
    """Tell whether a call lays out a tensor that another call built."""
    callee = place.body.callee(flow.strip(place.node))
    while callee is not None and callee.receiver is not None:
        if callee.name in _LAYING:
            return True
        callee = place.body.callee(flow.strip(callee.receiver))
    return False


def _name(call: Place) -> Node:
    callee = call.body.callee(call.node)
    return call.node if callee is None else callee.name_node


def _library(engine: flow.Flow, params: Params, one: Sum) -> str | None:
    """Tell which library's addition this is: by what flows in, else by the only library that the file uses.

    A member of the workspace stands for the libraries that it depends on.
    """
    crates = {path[0] for path in engine.trace(one.place).paths}
    imported = _imported(one.place)
    for names in (crates, imported, _members(engine, crates), _members(engine, imported)):
        kinds = [kind for kind, wanted in (("strict", params.strict), ("ranked", params.ranked)) if names & set(wanted)]
        if len(kinds) == 1:
            return kinds[0]
    return None


def _members(engine: flow.Flow, crates: set[str]) -> set[str]:
    """Give the crates that members of the workspace among `crates` depend on."""
    return {behind for crate in crates for behind in tensor_code.crates_behind(engine.target, crate)}


def _imported(place: Place) -> set[str]:
    uses = place.body.source.uses
    return {segments[0] for entries in uses.values() for _, _, segments in entries}
