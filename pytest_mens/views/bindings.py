"""Which names are bound at a place: parameters, lets, patterns, closures, constants. Lexical, within one file.

In a macro's token tree there are no patterns, only tokens: what stands where a pattern would stand (`let ..`, `|..|`,
`for .. in`, `.. =>`) counts as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.views.rust import RustFile

_BINDING_HOLDERS = (
    "let_declaration",
    "let_condition",
    "parameters",
    "closure_parameters",
    "for_expression",
    "match_pattern",
    "const_item",
    "static_item",
)


def pattern_names(file: RustFile, pattern: Node) -> frozenset[str]:
    """Give the names that a pattern, parameter or parameter list binds."""
    found = set()
    pending = [pattern]
    while pending:
        node = pending.pop()
        if node.type in ("identifier", "shorthand_field_identifier"):
            found.add(file.text_of(node).removeprefix("r#"))
        elif node.type in ("self_parameter", "self"):
            found.add("self")
        else:
            pending.extend(_binding_children(node))
    return frozenset(found)


def _binding_children(node: Node) -> Iterator[Node]:
    if node.type in ("scoped_identifier", "attribute_item", "range_pattern", "const_block", "token_tree"):
        return
    skipped = [node.child_by_field_name(name) for name in ("type", "condition")]
    if node.type == "field_pattern" and node.child_by_field_name("pattern") is not None:
        skipped.append(node.child_by_field_name("name"))
    yield from (child for child in node.named_children if child not in skipped)


def _bound_by(file: RustFile, node: Node) -> frozenset[str]:
    """Give what one of the `_BINDING_HOLDERS` binds."""
    if node.type in ("parameters", "closure_parameters", "match_pattern"):
        return pattern_names(file, node)
    name = "name" if node.type in ("const_item", "static_item") else "pattern"
    return _names_in(file, node.child_by_field_name(name))


def bound_within(file: RustFile, node: Node) -> frozenset[str]:
    """Give every name that is bound anywhere in `node`, in macro token trees too."""
    key = ("bound", node.id)
    if key not in file.memo:
        file.memo[key] = _bound_within(file, node)
    found: frozenset[str] = file.memo[key]
    return found


def _bound_within(file: RustFile, node: Node) -> frozenset[str]:
    found: set[str] = set()
    for holder in rust.walk(node, *_BINDING_HOLDERS):
        found |= _bound_by(file, holder)
    for tree in rust.walk(node, "token_tree"):
        found |= _token_bindings(file, tree.children)
    return frozenset(found)


def macro_names(file: RustFile, node: Node) -> frozenset[str]:
    """Give every name that stands in a macro's token tree within `node`."""
    found: set[str] = set()
    end = -1
    for tree in rust.walk(node, "token_tree"):
        if tree.start_byte >= end:
            end = tree.end_byte
            found.update(file.text_of(token).removeprefix("r#") for token in rust.walk(tree, "identifier", "self"))
    return frozenset(found)


def item_names(file: RustFile) -> frozenset[str]:
    """Give the names that constants, statics, fns, item macros and `use` leaves bring into any module of the file."""
    if "items" not in file.memo:
        file.memo["items"] = _item_names(file)
    found: frozenset[str] = file.memo["items"]
    return found


def _item_names(file: RustFile) -> frozenset[str]:
    found: set[str] = set()
    kinds = ("const_item", "static_item", "function_item", "use_declaration", "macro_invocation")
    for item in rust.find(file, *kinds):
        name = item.child_by_field_name("name")
        if item.type == "macro_invocation":
            around = rust.enclosing(item, "function_item", "source_file")
            found |= macro_names(file, item) if around is not None and around.type == "source_file" else set()
        elif item.type == "use_declaration":
            found.update(use.alias or use.segments[-1] for use in rust.use_leaves(file, item))
        elif name is not None:
            found.add(file.text_of(name).removeprefix("r#"))
    return frozenset(found)


def visible(file: RustFile, node: Node) -> frozenset[str]:
    """Give the variables, constants and statics in scope at `node`; of imports only names written as constants."""
    found: set[str] = set()
    inner: Node = node
    local = True
    for outer in rust.ancestors(file, node):
        found |= _declared_before(file, outer, inner, local=local)
        if outer.type == "function_item":
            local = False
        inner = outer
    return frozenset(found)


def _declared_before(file: RustFile, outer: Node, inner: Node, *, local: bool) -> frozenset[str]:
    """Give what `outer` binds for its child `inner`; outside of the innermost fn (`local` false) only constants."""
    kind = outer.type
    if kind in ("block", "source_file", "declaration_list"):
        return _block_names(file, outer, inner, local=local)
    found: frozenset[str] = frozenset()
    if not local:
        return found
    before = [child for child in outer.children if child.end_byte <= inner.start_byte]
    if kind in ("function_item", "closure_expression"):
        found = _names_in(file, outer.child_by_field_name("parameters"))
    elif kind == "match_arm" and inner.type != "match_pattern":
        found = _names_in(file, outer.child_by_field_name("pattern"))
    elif (kind == "for_expression" and inner.type == "block") or kind == "match_pattern":
        found = _bound_by(file, outer)
    elif kind in ("if_expression", "while_expression") and inner.type == "block":
        found = _condition_names(file, outer.child_by_field_name("condition"))
    elif kind == "let_chain":
        found = found.union(*(_condition_names(file, child) for child in before))
    elif kind == "token_tree":
        found = _token_bindings(file, before)
    return found


def _names_in(file: RustFile, pattern: Node | None) -> frozenset[str]:
    return frozenset() if pattern is None else pattern_names(file, pattern)


def _condition_names(file: RustFile, condition: Node | None) -> frozenset[str]:
    if condition is not None and condition.type == "let_condition":
        return _bound_by(file, condition)
    if condition is not None and condition.type == "let_chain":
        return frozenset[str]().union(*(_condition_names(file, child) for child in condition.named_children))
    return frozenset()


def _block_names(file: RustFile, block: Node, inner: Node, *, local: bool) -> frozenset[str]:
    found: set[str] = set()
    for child in block.named_children:
        before = child.type == "let_declaration" and local and child.end_byte <= inner.start_byte
        if before or child.type in ("const_item", "static_item"):
            found |= _bound_by(file, child)
        elif child.type == "use_declaration":
            leaves = (use.alias or use.segments[-1] for use in rust.use_leaves(file, child) if not use.glob)
            found.update(name for name in leaves if name.isupper())
    return frozenset(found)


def _token_bindings(file: RustFile, tokens: Sequence[Node]) -> frozenset[str]:
    """Give the names at the places of a token tree where patterns stand."""
    found: set[str] = set()
    start = -1
    closing: tuple[str, ...] = ()
    for at, token in enumerate(tokens):
        kind = token.type
        if start >= 0 and kind in closing:
            found |= _token_names(file, tokens[start:at])
            start = -1
        elif start < 0 and kind in _TOKEN_OPENERS and (kind != "|" or _opens_closure(tokens, at)):
            start, closing = at + 1, _TOKEN_OPENERS[kind]
        elif kind == "=>":
            found |= _token_names(file, _arm_pattern(tokens, at))
        elif kind == "token_tree" and at >= 2 and tokens[at - 2].type == "fn":
            found |= _token_names(file, token.children)
    return frozenset(found)


_TOKEN_OPENERS = {"let": ("=", ";"), "for": ("in",), "|": ("|",)}


def _opens_closure(tokens: Sequence[Node], at: int) -> bool:
    before = tokens[at - 1].type if at else "("
    return before in ("(", "[", "{", ",", "move", "=", "=>", ";", "return", "async")


def _arm_pattern(tokens: Sequence[Node], arrow: int) -> Sequence[Node]:
    start = arrow
    while start > 1 and tokens[start - 1].type not in (",", ";", "=>"):
        start -= 1
    return tokens[start:arrow]


def _token_names(file: RustFile, tokens: Sequence[Node]) -> frozenset[str]:
    """Give the identifiers of a pattern written as tokens: in lower case, neither called nor part of a path."""
    found: set[str] = set()
    for at, token in enumerate(tokens):
        following = tokens[at + 1].type if at + 1 < len(tokens) else ""
        if token.type == "token_tree":
            found |= _token_names(file, token.children)
        elif token.type == "identifier" and following not in ("::", "token_tree", "!"):
            found.add(file.text_of(token).removeprefix("r#"))
        elif token.type == "self":
            found.add("self")
    return frozenset(found)
