"""Paths: the leaves of `use` trees and qualified paths, those in macro tokens too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views.rust.call import token_path, token_trees
from pytest_mens.views.rust.syntax import ATTRIBUTES, COMMENTS, PATH_TOKENS, SCOPED, USES, below, name_of, path_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.views.rust.syntax import RustFile


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
    for node in below(file, within, (*SCOPED, *USES, *ATTRIBUTES)):
        if node.start_byte < skip_until:
            continue
        if node.type in SCOPED:
            if node.id not in inner:
                found.append(PathUse(tuple(path_segments(file, node)), node, in_use=False))
            _mark_prefix(node, inner)
            continue
        skip_until = node.end_byte
        if node.type not in ATTRIBUTES:
            found.extend(use_leaves(file, node))
    for tokens in token_trees(file, within):
        found.extend(_token_paths(file, tokens))
    found.sort(key=lambda use: use.node.start_byte)
    yield from found


def _mark_prefix(node: Node, inner: set[int]) -> None:
    path = node.child_by_field_name("path")
    while path is not None and path.type in ("generic_type", "generic_type_with_turbofish"):
        path = path.child_by_field_name("type")
    if path is not None and path.type in SCOPED:
        inner.add(path.id)


def _token_paths(file: RustFile, tokens: Sequence[Node]) -> Iterator[PathUse]:
    for at in range(2, len(tokens)):
        if tokens[at].type not in PATH_TOKENS or tokens[at - 1].type != "::":
            continue
        if at + 1 < len(tokens) and tokens[at + 1].type == "::" and not _ends_before_generics(tokens, at + 1):
            continue
        segments, _ = token_path(file, tokens, at)
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
        yield PathUse((name_of(file, declaration),), declaration, in_use=True, alias=name, public=public)
        return
    argument = declaration.child_by_field_name("argument")
    pending: list[tuple[Node, list[str]]] = [] if argument is None else [(argument, [])]
    while pending:
        node, prefix = pending.pop()
        kind = node.type
        if kind in ("use_list", "scoped_use_list"):
            path = node.child_by_field_name("path")
            below = node if kind == "use_list" else node.child_by_field_name("list")
            longer = prefix + (path_segments(file, path) if path is not None else [])
            if below is not None:
                members = [child for child in below.named_children if child.type not in COMMENTS]
                pending.extend((child, longer) for child in reversed(members))
        elif kind == "use_as_clause":
            path, alias = (node.child_by_field_name(name) for name in ("path", "alias"))
            segments = _leaf_segments(prefix, path_segments(file, path))
            name = "_" if alias is None else file.text_of(alias).removeprefix("r#")
            yield PathUse(segments, node, in_use=True, alias=name, public=public)
        elif kind == "use_wildcard":
            path = next((child for child in node.named_children if child.type not in COMMENTS), None)
            segments = tuple(prefix + path_segments(file, path))
            yield PathUse(segments, node, in_use=True, glob=True, public=public)
        else:
            segments = _leaf_segments(prefix, path_segments(file, node))
            yield PathUse(segments, node, in_use=True, public=public)


def _leaf_segments(prefix: list[str], rest: list[str]) -> tuple[str, ...]:
    """Join the parts of a `use` leaf; `a::{self}` is `a`."""
    if prefix and rest == ["self"]:
        return tuple(prefix)
    return tuple(prefix + rest)
