"""Comments and docs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views.rust.attribute import attribute_of, leading
from pytest_mens.views.rust.syntax import ATTRIBUTES, COMMENTS, below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.views.rust.syntax import RustFile


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
    for node in below(file, within, (*COMMENTS, *ATTRIBUTES)):
        comment = _comment(file, node)
        if comment is not None:
            yield comment


def _comment(file: RustFile, node: Node) -> Comment | None:
    if node.type in ATTRIBUTES:
        if b"doc" not in file.source[node.start_byte : node.end_byte]:
            return None
        attribute = attribute_of(file, node)
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
    found = (_comment(file, sibling) for sibling in leading(node))
    return tuple(comment for comment in found if comment is not None and comment.kind == "outer doc")
