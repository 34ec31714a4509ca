"""Rust syntax through tree-sitter: items, attributes, calls, literals, comments, macro bodies.

Everything here is a fact about one file's text. Where an item stands in a crate and under which cfg it exists
because of other files is `modules`'s matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views import cfg


@dataclass(frozen=True)
class RustFile:
    """One parsed file. `source` is the UTF-8 of `text` (BOM dropped, LF), which node byte offsets index."""

    path: str
    text: str
    source: bytes
    root: Node

    def text_of(self, node: Node) -> str:
        """Give the source text of `node`."""
        raise NotImplementedError

    def position(self, at: Node | int) -> tuple[int, int]:
        """Give the 1-based (line, column in characters) of a node's start or of a byte offset."""
        raise NotImplementedError

    def end_position(self, node: Node) -> tuple[int, int]:
        """Give the 1-based exclusive end of `node`."""
        raise NotImplementedError

    def errors(self) -> tuple[Node, ...]:
        """Give the ERROR and MISSING nodes, in order."""
        raise NotImplementedError

    def require_parsed(self, node: Node) -> None:
        """Raise UnreadableError when `node` holds a syntax error: the region a rule needs was not understood."""
        raise NotImplementedError


def file(target: Target, path: str) -> RustFile:
    """Parse `path` (memoised). Raise UnreadableError when it cannot be read, or is too deep to be walked."""
    raise NotImplementedError


def walk(node: Node, *types: str) -> Iterator[Node]:
    """Give `node` and all below it in source order, without recursion; only nodes of `types` when any are named."""
    raise NotImplementedError


def enclosing(node: Node, *types: str) -> Node | None:
    """Give the nearest ancestor of one of `types`, or None."""
    raise NotImplementedError


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
    raise NotImplementedError


def local_cfg(file: RustFile, node: Node) -> cfg.Predicate:
    """Give the conjunction of the cfgs on `node` and everything that encloses it in this file, `#![cfg]` included.

    `cfg_attr(p, cfg(q))` counts as `any(not(p), q)`.
    """
    raise NotImplementedError


def in_test_code(file: RustFile, node: Node) -> bool:
    """Tell whether `node` stands in this file under a cfg that implies `test`, or in a `#[test]` function."""
    raise NotImplementedError


@dataclass(frozen=True)
class Function:
    """A `fn` with or without body. `owner` is the impl's or trait's type name without generics, or None.

    `scope` holds the names of the inline modules around it, outermost first.
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
    raise NotImplementedError


def is_test(file: RustFile, function: Node) -> bool:
    """Tell whether a fn item carries a live test attribute (last path segment `test`, rstest, test_case, ...)."""
    raise NotImplementedError


@dataclass(frozen=True)
class StringLiteral:
    """A decoded string literal. `value[i]` was written at byte `offsets[i]` of the file."""

    value: str
    offsets: tuple[int, ...]
    node: Node


def string(file: RustFile, node: Node) -> StringLiteral:
    """Decode a string, raw string, byte string or C string literal: escapes, line continuation, `\\u{..}`."""
    raise NotImplementedError


def strings(file: RustFile, within: Node | None = None) -> Iterator[StringLiteral]:
    """Give every string literal of `within` (default: the file), those in macro bodies too, attributes excluded."""
    raise NotImplementedError


@dataclass(frozen=True)
class MacroCall:
    """`path!(...)`. `arguments` are the top-level comma-separated token groups of the body, each a run of nodes."""

    path: str
    node: Node
    name_node: Node
    arguments: tuple[tuple[Node, ...], ...]

    @property
    def name(self) -> str:
        """Give the last segment of the path."""
        return self.path.rpartition("::")[2]


def macro_calls(file: RustFile, within: Node | None = None) -> Iterator[MacroCall]:
    """Give every macro call, at any nesting: also `x!(..)` inside another macro's token tree."""
    raise NotImplementedError


@dataclass(frozen=True)
class Call:
    """A function or method call, also one that stands in a macro's token tree.

    `callee` is the path text without generics and white space (`Tensor::from_vec`, `self.x.matmul` gives
    method `matmul`, receiver the nodes before the dot). `arguments` are as in MacroCall.
    """

    callee: str
    method: bool
    receiver: tuple[Node, ...]
    node: Node
    name_node: Node
    arguments: tuple[tuple[Node, ...], ...]

    @property
    def name(self) -> str:
        """Give the last segment of the callee."""
        return self.callee.rpartition("::")[2]


def calls(file: RustFile, within: Node | None = None) -> Iterator[Call]:
    """Give every call of `within`, in source order, those in macro bodies too."""
    raise NotImplementedError


@dataclass(frozen=True)
class PathUse:
    """A path in code: a leaf of a `use` tree (groups expanded, `glob` for `*`, `alias` for `as`) or a qualified path."""

    segments: tuple[str, ...]
    node: Node
    in_use: bool
    alias: str | None = None
    glob: bool = False
    public: bool = False


def paths(file: RustFile, within: Node | None = None) -> Iterator[PathUse]:
    """Give every path of two segments or more and every leaf of a `use`, those in macro tokens too; not in comments."""
    raise NotImplementedError


@dataclass(frozen=True)
class Comment:
    """A comment. `kind` is "line", "block", "outer doc" (`///`, `/** */`, `#[doc]`) or "inner doc" (`//!`)."""

    text: str
    kind: str
    node: Node


def comments(file: RustFile, within: Node | None = None) -> Iterator[Comment]:
    """Give every comment of `within`, nested blocks as one."""
    raise NotImplementedError


def docs(file: RustFile, node: Node) -> tuple[Comment, ...]:
    """Give the outer docs attached to an item, variant or field, in order."""
    raise NotImplementedError
