"""Files and nodes: parsing, walking, positions, and the names and paths that nodes spell."""

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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target

DEPTH_LIMIT = 1000
"""Levels of the deepest syntax tree that is used; finding a node's parent costs time in proportion to its depth."""

_LANGUAGE = Language(tree_sitter_rust.language())
COMMENTS = ("line_comment", "block_comment")
ATTRIBUTES = ("attribute_item", "inner_attribute_item")
STRINGS = ("string_literal", "raw_string_literal")
FUNCTION_TYPES = ("function_item", "function_signature_item")
SCOPE_TYPES = ("mod_item", "impl_item", "trait_item", *FUNCTION_TYPES)
SCOPED = ("scoped_identifier", "scoped_type_identifier")
USES = ("use_declaration", "extern_crate_declaration")
_CODE = ("macro_invocation", "macro_definition", "token_tree", "call_expression", "extern_modifier")
_ITEMS = ("const_item", "static_item", "type_item", "struct_item", "enum_item", "union_item")
_MEMBERS = ("enum_variant", "field_declaration", "match_arm", "let_declaration")
_INDEXED = frozenset({*COMMENTS, *ATTRIBUTES, *STRINGS, *SCOPE_TYPES, *SCOPED, *USES, *_CODE, *_ITEMS, *_MEMBERS})
_IDS: dict[str, set[int]] = {"ERROR": {0xFFFF}}
"""The numbers of each kind of node, as a node says it much faster than by name."""
for _id in range(_LANGUAGE.node_kind_count):
    _IDS.setdefault(_LANGUAGE.node_kind_for_id(_id) or "", set()).add(_id)
PATH_TOKENS = ("identifier", "type_identifier", "self", "super", "crate", "metavariable", "primitive_type")


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
    def nodes(self) -> dict[str, list[tuple[int, Node]]]:
        """Give the nodes of the kinds that this module asks for again and again, numbered in source order."""
        found: dict[str, list[tuple[int, Node]]] = {kind: [] for kind in _INDEXED}
        by_id = {number: found[kind] for kind in _INDEXED for number in _IDS.get(kind, ())}
        for at, node in enumerate(walk(self.root, *_INDEXED)):
            by_id[node.kind_id].append((at, node))
        return found


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


def below(file: RustFile, within: Node | None, types: tuple[str, ...]) -> list[Node]:
    """Give what lies in `within` (default: the file) and is of `types`, outer before inner, in source order."""
    if within is not None:
        return list(walk(within, *types))
    if not _INDEXED.issuperset(types):
        return list(walk(file.root, *types))
    found = [entry for kind in types for entry in file.nodes[kind]]
    if len(types) > 1:
        found.sort(key=itemgetter(0))
    return [node for _, node in found]


def find(file: RustFile, *types: str) -> list[Node]:
    """Give the nodes of `types` in the whole file, in source order; quick for the kinds that are asked for often."""
    return below(file, None, types)


def _errors(node: Node) -> Iterator[Node]:
    if not node.has_error:
        return
    pending = [node]
    while pending:
        current = pending.pop()
        if current.is_error or current.is_missing:
            yield current
        pending.extend(child for child in reversed(current.children) if child.has_error or child.is_missing)


def tokens(node: Node) -> Iterator[Node]:
    """Give the tokens of `node` in source order, without comments and the marks that begin them."""
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type in COMMENTS:
            continue
        if current.child_count:
            pending.extend(reversed(current.children))
        else:
            yield current


def walk(node: Node, *types: str) -> Iterator[Node]:
    """Give `node` and all below it in source order, without recursion; only nodes of `types` when any are named."""
    wanted = {number for kind in types for number in _IDS.get(kind, ())}
    cursor = node.walk()
    first_child, next_sibling, parent = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
    while True:
        current = cursor.node
        if current is not None and (not types or current.kind_id in wanted):
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


def nodes_text(file: RustFile, nodes: Iterable[Node]) -> str:
    """Give the source text from the first to the last of a run of nodes, such as an argument; empty for none."""
    run = tuple(nodes)
    if not run:
        return ""
    return file.source[run[0].start_byte : run[-1].end_byte].decode("utf-8", "replace")


def name_of(file: RustFile, item: Node) -> str:
    """Give the name of an item without `r#`, empty when it has none."""
    name = item.child_by_field_name("name")
    return "" if name is None else file.text_of(name).removeprefix("r#")


def path_text(file: RustFile, node: Node) -> str:
    """Give a path without generics, white space, comments and `r#`; a qualified type keeps its text."""
    return "::".join(path_segments(file, node))


def path_segments(file: RustFile, node: Node | None) -> list[str]:
    """Give the segments of a path as `path_text` joins them."""
    found: list[str] = []
    while node is not None:
        if node.type in ("generic_type", "generic_function", "generic_type_with_turbofish"):
            node = node.child_by_field_name("type") or node.child_by_field_name("function")
        elif node.type in ("scoped_identifier", "scoped_type_identifier"):
            found.append(name_of(file, node))
            node = node.child_by_field_name("path")
        elif node.type == "bracketed_type":
            found.append(" ".join(file.text_of(node).split()))
            node = None
        else:
            found.append(file.text_of(node).removeprefix("r#"))
            node = None
    return found[::-1]
