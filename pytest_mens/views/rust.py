"""Rust syntax through tree-sitter: items, attributes, calls, literals, comments, macro bodies.

Everything here is a fact about one file's text. Where an item stands in a crate and under which cfg it exists
because of other files is `modules`'s matter. Macro bodies are token trees in the grammar: tokens without structure,
in which calls, paths and nested macros are recognised by the tokens that spell them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import tree_sitter_rust
from tree_sitter import Language, Parser

from pytest_mens.model import UnreadableError
from pytest_mens.views import cfg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target

DEPTH_LIMIT = 1000
"""Levels of the deepest syntax tree that is used; finding a node's parent costs time in proportion to its depth."""

_LANGUAGE = Language(tree_sitter_rust.language())
_COMMENTS = ("line_comment", "block_comment")
_ATTRIBUTES = ("attribute_item", "inner_attribute_item")
_STRINGS = ("string_literal", "raw_string_literal")
_FUNCTION_TYPES = ("function_item", "function_signature_item")
_SCOPE_TYPES = ("mod_item", "impl_item", "trait_item", *_FUNCTION_TYPES)
_SCOPED = ("scoped_identifier", "scoped_type_identifier")
_USES = ("use_declaration", "extern_crate_declaration")
_CODE = ("macro_invocation", "token_tree", "call_expression", "extern_modifier")
_INDEXED = frozenset({*_COMMENTS, *_ATTRIBUTES, *_STRINGS, *_SCOPE_TYPES, *_SCOPED, *_USES, *_CODE})
_ATTRIBUTE_INSIDE = ("match_arm", "field_initializer", "shorthand_field_initializer", "base_field_initializer")
_TEST_ATTRIBUTES = re.compile(r"(?:test|rstest|test_case|wasm_bindgen_test|quickcheck|test_matrix|case|proptest)\Z")
_PATH_TOKENS = ("identifier", "type_identifier", "self", "super", "crate", "metavariable", "primitive_type")


@dataclass(frozen=True, eq=False)
class RustFile:
    """One parsed file. `source` is the UTF-8 of `text` (BOM dropped, LF), which node byte offsets index."""

    path: str
    text: str
    source: bytes
    root: Node
    memo: dict[object, Any] = field(default_factory=dict, repr=False)
    """What views derive from nodes of this file, kept as long as the file is."""

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        starts.extend(match.end() for match in re.finditer(rb"\n", self.source))
        return starts

    def text_of(self, node: Node) -> str:
        """Give the source text of `node`."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def position(self, at: Node | int) -> tuple[int, int]:
        """Give the 1-based (line, column in characters) of a node's start or of a byte offset."""
        offset = at if isinstance(at, int) else at.start_byte
        line = bisect_right(self._line_starts, offset)
        start = self._line_starts[line - 1]
        return line, len(self.source[start:offset].decode("utf-8", "replace")) + 1

    def end_position(self, node: Node) -> tuple[int, int]:
        """Give the 1-based exclusive end of `node`."""
        return self.position(node.end_byte)

    def errors(self) -> tuple[Node, ...]:
        """Give the ERROR and MISSING nodes, in order."""
        return tuple(_errors(self.root))

    def require_parsed(self, node: Node) -> None:
        """Raise UnreadableError when `node` holds a syntax error: the region a rule needs was not understood."""
        if node.has_error:
            first = next(_errors(node), node)
            line, column = self.position(first)
            raise UnreadableError(self.path, f"syntax error at line {line}, column {column}")

    @cached_property
    def _nodes(self) -> dict[str, list[tuple[int, Node]]]:
        """Give the nodes of the kinds that this module asks for again and again, numbered in source order."""
        found: dict[str, list[tuple[int, Node]]] = {kind: [] for kind in _INDEXED}
        for at, node in enumerate(walk(self.root, *_INDEXED)):
            found[node.type].append((at, node))
        return found

    @cached_property
    def _conditions(self) -> tuple[tuple[int, int, cfg.Predicate], ...]:
        """Give the byte ranges that stand under a cfg of this file, in source order."""
        return tuple(_conditions(self))


def file(target: Target, path: str) -> RustFile:
    """Parse `path` (memoised). Raise UnreadableError when it cannot be read, or is too deep to be walked."""
    return target.file_view(_parse_file, path)


def parse(text: str, path: str = "<text>") -> RustFile:
    """Parse Rust source that stands in no file of its own, such as a fenced block. Raise as `file` does."""
    source = text.encode()
    root = Parser(_LANGUAGE).parse(source).root_node
    if _too_deep(root):
        raise UnreadableError(path, f"nested deeper than {DEPTH_LIMIT} levels")
    return RustFile(path, text, source, root)


def _parse_file(target: Target, path: str) -> RustFile:
    return parse(target.text(path), path)


def _too_deep(root: Node) -> bool:
    """Look only where enough nodes lie below for the limit to be passed; that is almost nowhere."""
    pending = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > DEPTH_LIMIT:
            return True
        wanted = DEPTH_LIMIT - depth
        if node.descendant_count > wanted:
            pending.extend((child, depth + 1) for child in node.children if child.descendant_count >= wanted)
    return False


def _below(file: RustFile, within: Node | None, types: tuple[str, ...]) -> list[Node]:
    """Give what lies in `within` (default: the file) and is of `types`, outer before inner, in source order."""
    if within is not None:
        return list(walk(within, *types))
    found = [entry for kind in types for entry in file._nodes.get(kind, ())]  # noqa: SLF001 - this module's own class
    if len(types) > 1:
        found.sort(key=itemgetter(0))
    return [node for _, node in found]


def _errors(node: Node) -> Iterator[Node]:
    if not node.has_error:
        return
    pending = [node]
    while pending:
        current = pending.pop()
        if current.is_error or current.is_missing:
            yield current
        pending.extend(child for child in reversed(current.children) if child.has_error or child.is_missing)


def walk(node: Node, *types: str) -> Iterator[Node]:
    """Give `node` and all below it in source order, without recursion; only nodes of `types` when any are named."""
    wanted = frozenset(types)
    cursor = node.walk()
    first_child, next_sibling, parent = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
    while True:
        current = cursor.node
        if current is not None and (not wanted or current.type in wanted):
            yield current
        if first_child():
            continue
        while not next_sibling():
            if not parent():
                return


def enclosing(node: Node, *types: str) -> Node | None:
    """Give the nearest ancestor of one of `types`, or None."""
    current = node.parent
    while current is not None and current.type not in types:
        current = current.parent
    return current


def ancestors(file: RustFile, node: Node) -> list[Node]:
    """Give what encloses `node`, innermost first, up to the file."""
    found: list[Node] = []
    current: Node | None = file.root
    while current is not None and current != node:
        found.append(current)
        current = current.child_with_descendant(node)
    return found[::-1]


# --- attributes and cfg ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attribute:
    """`#[path(args)]`, `#[path = value]` or `#![...]`. `args` is the text between the outer delimiters."""

    path: str
    args: str
    value: str | None
    inner: bool
    node: Node


def attributes(file: RustFile, node: Node) -> tuple[Attribute, ...]:
    """Give the attributes of an item, statement, match arm, field initialiser, parameter or (inner) file or block.

    Outer attributes stand before most nodes as siblings, but inside match arms and field initialisers; this knows.
    """
    found = [child for child in _leading(node) if child.type == "attribute_item"]
    if node.type in _ATTRIBUTE_INSIDE:
        found.extend(child for child in node.children if child.type in _ATTRIBUTES)
    else:
        body = node.child_by_field_name("body")
        for holder in (node, body):
            if holder is not None:
                found.extend(child for child in holder.children if child.type == "inner_attribute_item")
    return tuple(attribute for item in found if (attribute := _attribute(file, item)) is not None)


def _leading(node: Node) -> list[Node]:
    """Give the attributes and comments that stand directly before `node`, in source order."""
    found = []
    current = node.prev_sibling
    while current is not None and (current.type in ("attribute_item", "visibility_modifier", *_COMMENTS)):
        found.append(current)
        current = current.prev_sibling
    return found[::-1]


def _attribute(file: RustFile, item: Node) -> Attribute | None:
    attribute = next((child for child in item.children if child.type == "attribute"), None)
    if attribute is None:
        return None
    path = next((child for child in attribute.named_children if child.type not in _COMMENTS), None)
    arguments = attribute.child_by_field_name("arguments")
    value = attribute.child_by_field_name("value")
    text = None
    if value is not None:
        text = string(file, value).value if value.type in _STRINGS else file.text_of(value)
    return Attribute(
        "" if path is None else _path_text(file, path),
        "" if arguments is None else file.text_of(arguments)[1:-1].strip(),
        text,
        item.type == "inner_attribute_item",
        item,
    )


def _split_arguments(text: str) -> list[str]:
    """Split an attribute's arguments at the commas outside of brackets and strings."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|[()\[\]{},]', text, re.DOTALL):
        mark = match.group()
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
        elif mark == "," and depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _predicate(file: RustFile, attribute: Attribute) -> cfg.Predicate | None:
    """Give the condition that `cfg(..)` or a `cfg_attr(p, cfg(..))` puts on its owner, or None."""
    try:
        if attribute.path == "cfg":
            return cfg.parse(attribute.args)
        if attribute.path == "cfg_attr":
            condition, *rest = _split_arguments(attribute.args) or [""]
            nested = [match.group(1) for part in rest if (match := re.fullmatch(r"(?s)cfg\s*\((.*)\)", part))]
            if nested:
                inner = cfg.conjoin(cfg.parse(text) for text in nested)
                return cfg.AnyOf((cfg.Not(cfg.parse(condition)), inner))
    except ValueError:
        line, _ = file.position(attribute.node)
        raise UnreadableError(file.path, f"cfg predicate not understood at line {line}") from None
    return None


_CFG = re.compile(rb"#\s*!?\s*\[\s*cfg")


def _conditions(file: RustFile) -> Iterator[tuple[int, int, cfg.Predicate]]:
    for match in _CFG.finditer(file.source):
        item = file.root.descendant_for_byte_range(match.start(), match.start() + 1)
        item = None if item is None else item.parent
        if item is None or item.type not in _ATTRIBUTES or item.start_byte != match.start():
            continue
        attribute = _attribute(file, item)
        predicate = None if attribute is None else _predicate(file, attribute)
        owner = None if predicate is None else _owner(item)
        if owner is not None and predicate is not None:
            yield owner.start_byte, owner.end_byte, predicate


def _owner(item: Node) -> Node | None:
    """Give the node that an attribute belongs to."""
    parent = item.parent
    if parent is None:
        return None
    if item.type == "inner_attribute_item":
        holder = parent.parent
        body = parent.type in ("declaration_list", "block") and holder is not None and holder.type.endswith("_item")
        return holder if body else parent
    if parent.type in _ATTRIBUTE_INSIDE:
        return parent
    owner = item.next_sibling
    while owner is not None and owner.type in ("visibility_modifier", *_ATTRIBUTES, *_COMMENTS):
        owner = owner.next_sibling
    return owner


def local_cfg(file: RustFile, node: Node) -> cfg.Predicate:
    """Give the conjunction of the cfgs on `node` and everything that encloses it in this file, `#![cfg]` included.

    `cfg_attr(p, cfg(q))` counts as `any(not(p), q)`.
    """
    start, end = node.start_byte, node.end_byte
    around = [condition for low, high, condition in file._conditions if low <= start and end <= high]  # noqa: SLF001 - this module's own class
    return cfg.conjoin(around) if around else cfg.TRUE


def in_test_code(file: RustFile, node: Node) -> bool:
    """Tell whether `node` stands in this file under a cfg that implies `test`, or in a `#[test]` function."""
    condition = local_cfg(file, node)
    if condition != cfg.TRUE and cfg.implies(condition, cfg.Atom("test")):
        return True
    around = node if node.type == "function_item" else enclosing(node, "function_item")
    while around is not None:
        if is_test(file, around):
            return True
        around = enclosing(around, "function_item")
    return False


# --- functions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Function:
    """A `fn` with or without body. `owner` is the impl's or trait's type name without generics, or None.

    `scope` holds the names of the inline modules around it, outermost first. `trait` is the trait that the impl is
    of, or the trait the fn is declared in.
    """

    name: str
    owner: str | None
    trait: str | None
    scope: tuple[str, ...]
    node: Node
    body: Node | None
    file: RustFile


def functions(file: RustFile) -> tuple[Function, ...]:
    """Give every fn of the file, also those in impls, traits, inline modules and bodies; macro definitions excluded."""
    found = []
    around: list[Node] = []
    for node in _below(file, None, _SCOPE_TYPES):
        while around and around[-1].end_byte <= node.start_byte:
            around.pop()
        if node.type in _FUNCTION_TYPES:
            owner, trait = _owner_of(file, around[-1]) if around else (None, None)
            scope = tuple(_name(file, module) for module in around if module.type == "mod_item")
            body = node.child_by_field_name("body")
            found.append(Function(_name(file, node), owner, trait, scope, node, body, file))
        around.append(node)
    return tuple(found)


def _name(file: RustFile, item: Node) -> str:
    name = item.child_by_field_name("name")
    return "" if name is None else file.text_of(name).removeprefix("r#")


def _owner_of(file: RustFile, holder: Node) -> tuple[str | None, str | None]:
    if holder.type == "trait_item":
        name = _name(file, holder)
        return name, name
    if holder.type != "impl_item":
        return None, None
    owner, trait = (holder.child_by_field_name(name) for name in ("type", "trait"))
    return _type_name(file, owner), _type_name(file, trait)


def _type_name(file: RustFile, node: Node | None) -> str | None:
    """Give a type's last segment without generics; references and the like by their text."""
    if node is None:
        return None
    if node.type == "generic_type":
        return _type_name(file, node.child_by_field_name("type"))
    if node.type == "scoped_type_identifier":
        return _name(file, node)
    return file.text_of(node).removeprefix("r#")


def is_test(file: RustFile, function: Node) -> bool:
    """Tell whether a fn item carries a live test attribute (last path segment `test`, rstest, test_case, ...)."""
    for attribute in attributes(file, function):
        paths = [attribute.path]
        if attribute.path == "cfg_attr":
            paths = [re.split(r"[\s(=]", part, maxsplit=1)[0] for part in _split_arguments(attribute.args)[1:]]
        if any(_TEST_ATTRIBUTES.match(path.rpartition("::")[2]) for path in paths):
            return True
    return False


# --- string literals ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StringLiteral:
    """A decoded string literal. `value[i]` was written at byte `offsets[i]` of the file.

    `prefix` is what stands before the quote without hashes: "", "r", "b", "br", "c" or "cr". The characters of a
    byte or C string are its bytes as written, escapes above 0x7f as the character of that number.
    """

    value: str
    offsets: Sequence[int]
    node: Node
    prefix: str = ""


_OPENING = re.compile(rb'(b|c)?(r)?(#*)"')
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "0": "\0", "'": "'", '"': '"'}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F_]+)\}|(\n[ \t\n\r]*)|(.))", re.DOTALL)


def string(file: RustFile, node: Node) -> StringLiteral:
    r"""Decode a string, raw string, byte string or C string literal: escapes, line continuation, `\u{..}`."""
    raw = file.source[node.start_byte : node.end_byte]
    opening = _OPENING.match(raw)
    if opening is None:
        return StringLiteral(raw.decode("utf-8", "replace"), range(node.start_byte, node.end_byte), node)
    closing = len(opening.group(3)) + 1
    content = raw[opening.end() : len(raw) - closing]
    start = node.start_byte + opening.end()
    prefix = ((opening.group(1) or b"") + (opening.group(2) or b"")).decode()
    if opening.group(2) is None and b"\\" in content:
        value, offsets = _unescape(content.decode("utf-8", "replace"), start)
        return StringLiteral(value, offsets, node, prefix)
    text = content.decode("utf-8", "replace")
    if content.isascii():
        return StringLiteral(text, range(start, start + len(text)), node, prefix)
    return StringLiteral(text, _byte_offsets(text, start), node, prefix)


def _byte_offsets(text: str, start: int) -> list[int]:
    offsets = []
    for character in text:
        offsets.append(start)
        start += len(character.encode())
    return offsets


def _unescape(text: str, start: int) -> tuple[str, list[int]]:
    written = _byte_offsets(text, start)
    value: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        value.extend(text[at : match.start()])
        offsets.extend(written[at : match.start()])
        at = match.end()
        character = _unescaped(match)
        if character:
            value.append(character)
            offsets.append(written[match.start()])
    value.extend(text[at:])
    offsets.extend(written[at:])
    return "".join(value), offsets


def _unescaped(match: re.Match[str]) -> str:
    byte, scalar, continuation, simple = match.groups()
    if continuation is not None:
        return ""
    if simple is not None:
        return _SIMPLE_ESCAPES.get(simple, simple)
    number = int((byte or scalar).replace("_", "") or "0", 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"


def strings(file: RustFile, within: Node | None = None) -> Iterator[StringLiteral]:
    """Give every string literal of `within` (default: the file), those in macro bodies too, attributes excluded."""
    skip_until = -1
    for node in _below(file, within, (*_STRINGS, *_ATTRIBUTES, "extern_modifier")):
        if node.start_byte < skip_until:
            continue
        if node.type in _STRINGS:
            yield string(file, node)
        else:
            skip_until = node.end_byte


# --- macros and calls -----------------------------------------------------------------------------------------------

Group = tuple["Node", ...]


@dataclass(frozen=True)
class MacroCall:
    """`path!(...)`. `arguments` are the top-level comma-separated token groups of the body, each a run of nodes.

    `node` is the whole call; inside another macro's token tree, where no node spans it, it is the `body`.
    """

    path: str
    node: Node
    name_node: Node
    body: Node
    _arguments: list[tuple[Group, ...]] = field(default_factory=list, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Give the last segment of the path."""
        return self.path.rpartition("::")[2]

    @property
    def arguments(self) -> tuple[Group, ...]:
        """Give the groups of tokens between top-level commas; comments are dropped."""
        if not self._arguments:
            self._arguments.append(token_groups(self.body))
        return self._arguments[0]


@dataclass(frozen=True)
class Call:
    """A function or method call, also one that stands in a macro's token tree.

    `callee` is the path text without generics and white space (`Tensor::from_vec`); of a method (`self.x.matmul`)
    it is the name (`matmul`), and `receiver` holds the nodes before the dot. It is empty when what is called is
    another expression. `node` is the whole call; inside a macro's token tree it is the token tree of the arguments.
    `arguments` are as in MacroCall.
    """

    callee: str
    receiver: Group
    node: Node
    name_node: Node
    body: Node
    method: bool = False
    _arguments: list[tuple[Group, ...]] = field(default_factory=list, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Give the last segment of the callee."""
        return self.callee.rpartition("::")[2]

    @property
    def arguments(self) -> tuple[Group, ...]:
        """Give the groups of nodes between top-level commas; comments and attributes are dropped."""
        if not self._arguments:
            self._arguments.append(token_groups(self.body))
        return self._arguments[0]


def token_groups(body: Node) -> tuple[Group, ...]:
    """Split what stands between the delimiters of an argument list or token tree at its top-level commas.

    The commas of closure parameters (`|a, b| ..`) and turbofish generics (`::<A, B>`) do not separate.
    """
    groups: list[Group] = []
    current: list[Node] = []
    parameters = False
    angles = 0
    previous = ""
    for node in body.children[1:-1]:
        kind = node.type
        if kind in _COMMENTS or kind in _ATTRIBUTES:
            continue
        if kind == "|" and (parameters or previous in ("", "move", "async", "static", "=", "=>", "return")):
            parameters = not parameters
        elif kind == "<" and (angles or previous == "::"):
            angles += 1
        elif angles and kind in (">", ">>"):
            angles = max(0, angles - len(kind))
        if kind == "," and not parameters and not angles:
            groups.append(tuple(current))
            current, previous = [], ""
            continue
        current.append(node)
        previous = kind
    if current:
        groups.append(tuple(current))
    return tuple(groups)


def _path_text(file: RustFile, node: Node) -> str:
    """Give a path without generics, white space, comments and `r#`; a qualified type keeps its text."""
    return "::".join(_segments(file, node))


def _segments(file: RustFile, node: Node | None) -> list[str]:
    found: list[str] = []
    while node is not None:
        if node.type in ("generic_type", "generic_function", "generic_type_with_turbofish"):
            node = node.child_by_field_name("type") or node.child_by_field_name("function")
        elif node.type in ("scoped_identifier", "scoped_type_identifier"):
            found.append(_name(file, node))
            node = node.child_by_field_name("path")
        elif node.type == "bracketed_type":
            found.append(" ".join(file.text_of(node).split()))
            node = None
        else:
            found.append(file.text_of(node).removeprefix("r#"))
            node = None
    return found[::-1]


def _token_path(file: RustFile, tokens: Sequence[Node], last: int) -> tuple[list[str], int]:
    """Give the segments of the path that ends at `tokens[last]`, and the index of its first token."""
    segments = [file.text_of(tokens[last]).removeprefix("r#")]
    at = last
    while at >= 2 and tokens[at - 1].type == "::":
        before = at - 2
        if tokens[before].type in (">", ">>"):
            opening = _open_angle(tokens, before)
            if opening < 1:
                break
            before = opening - 2 if tokens[opening - 1].type == "::" else opening - 1
        if before < 0 or tokens[before].type not in _PATH_TOKENS:
            break
        segments.append(file.text_of(tokens[before]).removeprefix("r#"))
        at = before
    if at >= 1 and tokens[at - 1].type == "::":
        at -= 1
    return segments[::-1], at


def _open_angle(tokens: Sequence[Node], closing: int) -> int:
    """Give the index of the `<` that `tokens[closing]` closes, or -1."""
    depth = 0
    for at in range(closing, -1, -1):
        kind = tokens[at].type
        if kind in (">", ">>"):
            depth += len(kind)
        elif kind in ("<", "<<"):
            depth -= len(kind)
            if depth <= 0:
                return at
    return -1


def _token_trees(file: RustFile, within: Node | None) -> Iterator[list[Node]]:
    """Give the tokens of every macro token tree in `within`, comments dropped; attributes are passed over.

    The pattern side of a macro definition is not a token tree in the grammar, so it is left out.
    """
    skip_until = -1
    attribute_bodies: set[int] = set()
    for node in _below(file, within, ("token_tree", *_ATTRIBUTES)):
        if node.start_byte < skip_until:
            continue
        if node.type != "token_tree":
            skip_until = node.end_byte
            continue
        tokens = [child for child in node.children if child.type not in _COMMENTS]
        if any(token.type == "#" for token in tokens):
            tokens, passed_over = _without_attributes(tokens)
            attribute_bodies.update(passed_over)
        if node.id in attribute_bodies:
            skip_until = node.end_byte
            continue
        yield tokens


def _without_attributes(tokens: list[Node]) -> tuple[list[Node], list[int]]:
    """Drop the `#[..]` and `#![..]` among tokens; give also the ids of the token trees dropped."""
    kept: list[Node] = []
    dropped = []
    for token in tokens:
        before = kept[-2:] if kept and kept[-1].type == "!" else kept[-1:]
        if token.type == "token_tree" and before and before[0].type == "#":
            dropped.append(token.id)
            del kept[-len(before) :]
        else:
            kept.append(token)
    return kept, dropped


def macro_calls(file: RustFile, within: Node | None = None) -> Iterator[MacroCall]:
    """Give every macro call in source order, at any nesting: also `x!(..)` inside another macro's token tree."""
    found = []
    for node in _below(file, within, ("macro_invocation",)):
        name = node.child_by_field_name("macro")
        body = next((child for child in reversed(node.children) if child.type == "token_tree"), None)
        if name is not None and body is not None:
            found.append(MacroCall(_path_text(file, name), node, _last_name(name), body))
    for tokens in _token_trees(file, within):
        for at in range(2, len(tokens)):
            if tokens[at].type != "token_tree" or tokens[at - 1].type != "!":
                continue
            if tokens[at - 2].type in _PATH_TOKENS:
                segments, _ = _token_path(file, tokens, at - 2)
                found.append(MacroCall("::".join(segments), tokens[at], tokens[at - 2], tokens[at]))
    found.sort(key=lambda call: call.name_node.start_byte)
    yield from found


def _last_name(path: Node) -> Node:
    name = path.child_by_field_name("name")
    return path if name is None else name


def calls(file: RustFile, within: Node | None = None) -> Iterator[Call]:
    """Give every call of `within`, ordered by where the callee's name stands, those in macro bodies too."""
    found = [_call(file, node) for node in _below(file, within, ("call_expression",))]
    for tokens in _token_trees(file, within):
        found.extend(_token_calls(file, tokens))
    found.sort(key=lambda call: call.name_node.start_byte)
    yield from found


def _call(file: RustFile, node: Node) -> Call:
    callee = node.child_by_field_name("function") or node.children[0]
    body = node.child_by_field_name("arguments") or node
    if callee.type == "generic_function":
        callee = callee.child_by_field_name("function") or callee
    if callee.type == "field_expression":
        name = callee.child_by_field_name("field") or callee
        value = callee.child_by_field_name("value")
        receiver = () if value is None else (value,)
        return Call(file.text_of(name).removeprefix("r#"), receiver, node, name, body, method=True)
    if callee.type in ("identifier", "scoped_identifier", "self"):
        return Call(_path_text(file, callee), (), node, _last_name(callee), body)
    return Call("", (), node, callee, body)


_DECLARING = frozenset({"fn", "struct", "enum", "union", "trait", "mod", "macro_rules"})


def _token_calls(file: RustFile, tokens: Sequence[Node]) -> Iterator[Call]:
    for at in range(1, len(tokens)):
        body = tokens[at]
        if body.type != "token_tree" or file.source[body.start_byte] != ord("("):
            continue
        last = at - 1
        if tokens[last].type in (">", ">>"):
            opening = _open_angle(tokens, last)
            if opening < 2 or tokens[opening - 1].type != "::":
                continue
            last = opening - 2
        if tokens[last].type not in _PATH_TOKENS:
            continue
        name = tokens[last]
        before = tokens[last - 1].type if last else ""
        if before == ".":
            receiver = tuple(tokens[_receiver_start(tokens, last - 1) : last - 1])
            yield Call(file.text_of(name).removeprefix("r#"), receiver, body, name, body, method=True)
        elif before not in _DECLARING:
            segments, _ = _token_path(file, tokens, last)
            yield Call("::".join(segments), (), body, name, body)


_OPERANDS = frozenset(
    {*_PATH_TOKENS, "token_tree", "integer_literal", "float_literal", "string_literal", "raw_string_literal"}
    | {"char_literal", "boolean_literal", "await"}
)


def _receiver_start(tokens: Sequence[Node], dot: int) -> int:
    """Give the index at which the postfix expression before `tokens[dot]` starts."""
    at = dot
    while at >= 1:
        kind = tokens[at - 1].type
        if kind in ("?", ".", "::"):
            at -= 1
        elif kind in (">", ">>") and at < len(tokens) and tokens[at].type in ("::", "token_tree"):
            opening = _open_angle(tokens, at - 1)
            if opening < 0:
                break
            at = opening
        elif (kind in _OPERANDS and _joins(tokens, at)) or (kind == "!" and _is_macro_mark(tokens, at - 1)):
            at -= 1
        else:
            break
    return at


def _is_macro_mark(tokens: Sequence[Node], at: int) -> bool:
    return at >= 1 and tokens[at - 1].type in _PATH_TOKENS and tokens[at + 1].type == "token_tree"


def _joins(tokens: Sequence[Node], at: int) -> bool:
    """Tell whether the operand before `tokens[at]` and that token belong to one postfix expression."""
    following = tokens[at].type
    if following in (".", "?", "::", "!"):
        return True
    return following == "token_tree" and tokens[at - 1].type not in ("integer_literal", "float_literal")


# --- paths ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PathUse:
    """A path in code: a leaf of a `use` tree (groups expanded, `glob` for `*`, `alias` for `as`) or a qualified path.

    `public` is set on a leaf of a plain `pub use`.
    """

    segments: tuple[str, ...]
    node: Node
    in_use: bool
    alias: str | None = None
    glob: bool = False
    public: bool = False


def paths(file: RustFile, within: Node | None = None) -> Iterator[PathUse]:
    """Give every path of two segments or more and every leaf of a `use`, those in macro tokens too; not in comments.

    Attributes are left out. They come in source order.
    """
    found: list[PathUse] = []
    skip_until = -1
    inner: set[int] = set()
    for node in _below(file, within, (*_SCOPED, *_USES, *_ATTRIBUTES)):
        if node.start_byte < skip_until:
            continue
        if node.type in _SCOPED:
            if node.id not in inner:
                found.append(PathUse(tuple(_segments(file, node)), node, in_use=False))
            _mark_prefix(node, inner)
            continue
        skip_until = node.end_byte
        if node.type not in _ATTRIBUTES:
            found.extend(use_leaves(file, node))
    for tokens in _token_trees(file, within):
        found.extend(_token_paths(file, tokens))
    found.sort(key=lambda use: use.node.start_byte)
    yield from found


def _mark_prefix(node: Node, inner: set[int]) -> None:
    path = node.child_by_field_name("path")
    while path is not None and path.type in ("generic_type", "generic_type_with_turbofish"):
        path = path.child_by_field_name("type")
    if path is not None and path.type in _SCOPED:
        inner.add(path.id)


def _token_paths(file: RustFile, tokens: Sequence[Node]) -> Iterator[PathUse]:
    for at in range(2, len(tokens)):
        if tokens[at].type not in _PATH_TOKENS or tokens[at - 1].type != "::":
            continue
        if at + 1 < len(tokens) and tokens[at + 1].type == "::" and not _ends_before_generics(tokens, at + 1):
            continue
        segments, _ = _token_path(file, tokens, at)
        if len(segments) > 1:
            yield PathUse(tuple(segments), tokens[at], in_use=False)


def _ends_before_generics(tokens: Sequence[Node], colons: int) -> bool:
    """Tell whether `tokens[colons]` opens a turbofish after which the path does not go on."""
    if colons + 1 >= len(tokens) or tokens[colons + 1].type != "<":
        return False
    depth = 0
    for at in range(colons + 1, len(tokens)):
        kind = tokens[at].type
        if kind == "<":
            depth += 1
        elif kind in (">", ">>"):
            depth -= len(kind)
            if depth <= 0:
                return at + 1 >= len(tokens) or tokens[at + 1].type != "::"
    return True


def use_leaves(file: RustFile, declaration: Node) -> Iterator[PathUse]:
    """Give the leaves of one `use` or `extern crate` declaration."""
    public = any(
        child.type == "visibility_modifier" and file.text_of(child).strip() == "pub" for child in declaration.children
    )
    if declaration.type == "extern_crate_declaration":
        alias = declaration.child_by_field_name("alias")
        name = None if alias is None else file.text_of(alias).removeprefix("r#")
        yield PathUse((_name(file, declaration),), declaration, in_use=True, alias=name, public=public)
        return
    argument = declaration.child_by_field_name("argument")
    pending: list[tuple[Node, list[str]]] = [] if argument is None else [(argument, [])]
    while pending:
        node, prefix = pending.pop()
        kind = node.type
        if kind in ("use_list", "scoped_use_list"):
            path = node.child_by_field_name("path")
            below = node if kind == "use_list" else node.child_by_field_name("list")
            longer = prefix + (_segments(file, path) if path is not None else [])
            if below is not None:
                members = [child for child in below.named_children if child.type not in _COMMENTS]
                pending.extend((child, longer) for child in reversed(members))
        elif kind == "use_as_clause":
            path, alias = (node.child_by_field_name(name) for name in ("path", "alias"))
            segments = _leaf_segments(prefix, _segments(file, path))
            name = "_" if alias is None else file.text_of(alias).removeprefix("r#")
            yield PathUse(segments, node, in_use=True, alias=name, public=public)
        elif kind == "use_wildcard":
            path = next((child for child in node.named_children if child.type not in _COMMENTS), None)
            segments = tuple(prefix + _segments(file, path))
            yield PathUse(segments, node, in_use=True, glob=True, public=public)
        else:
            segments = _leaf_segments(prefix, _segments(file, node))
            yield PathUse(segments, node, in_use=True, public=public)


def _leaf_segments(prefix: list[str], rest: list[str]) -> tuple[str, ...]:
    """Join the parts of a `use` leaf; `a::{self}` is `a`."""
    if prefix and rest == ["self"]:
        return tuple(prefix)
    return tuple(prefix + rest)


# --- comments -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comment:
    """A comment. `kind` is "line", "block", "outer doc" (`///`, `/** */`, `#[doc]`) or "inner doc" (`//!`).

    `text` is the comment as it stands in the file, with its slashes and stars and without the line's end, so that
    `text[i]` stands at character `i` after the start of `node`; of `#[doc = ".."]` it is the decoded value.
    """

    text: str
    kind: str
    node: Node


def comments(file: RustFile, within: Node | None = None) -> Iterator[Comment]:
    """Give every comment of `within`, nested blocks as one."""
    for node in _below(file, within, (*_COMMENTS, *_ATTRIBUTES)):
        comment = _comment(file, node)
        if comment is not None:
            yield comment


def _comment(file: RustFile, node: Node) -> Comment | None:
    if node.type in _ATTRIBUTES:
        if b"doc" not in file.source[node.start_byte : node.end_byte]:
            return None
        attribute = _attribute(file, node)
        if attribute is None or attribute.path != "doc" or attribute.value is None:
            return None
        return Comment(attribute.value, "inner doc" if attribute.inner else "outer doc", node)
    kind = "line" if node.type == "line_comment" else "block"
    if node.child_by_field_name("outer") is not None:
        kind = "outer doc"
    elif node.child_by_field_name("inner") is not None:
        kind = "inner doc"
    return Comment(file.text_of(node).rstrip("\n"), kind, node)


def docs(file: RustFile, node: Node) -> tuple[Comment, ...]:
    """Give the outer docs attached to an item, variant or field, in order."""
    found = (_comment(file, sibling) for sibling in _leading(node))
    return tuple(comment for comment in found if comment is not None and comment.kind == "outer doc")


def nodes_text(file: RustFile, nodes: Iterable[Node]) -> str:
    """Give the source text from the first to the last of a run of nodes, such as an argument; empty for none."""
    run = tuple(nodes)
    if not run:
        return ""
    return file.source[run[0].start_byte : run[-1].end_byte].decode("utf-8", "replace")
