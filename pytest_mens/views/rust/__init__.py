"""Rust syntax through tree-sitter: items, attributes, calls, literals, comments, macro bodies.

Everything here is a fact about one file's text. Where an item stands in a crate and under which cfg it exists
because of other files is `modules`'s matter. Macro bodies are token trees in the grammar: tokens without structure,
in which calls, paths and nested macros are recognised by the tokens that spell them.
"""

from __future__ import annotations

from pytest_mens.views.rust.attribute import Attribute, attributes, local_cfg
from pytest_mens.views.rust.call import Call, Group, MacroCall, calls, macro_calls, token_groups
from pytest_mens.views.rust.comment import Comment, comments, docs
from pytest_mens.views.rust.item import Function, functions, in_test_code, is_test
from pytest_mens.views.rust.literal import StringLiteral, joined, string, strings
from pytest_mens.views.rust.path import PathUse, paths, use_leaves
from pytest_mens.views.rust.syntax import (
    DEPTH_LIMIT,
    RustFile,
    ancestors,
    enclosing,
    file,
    find,
    name_of,
    nodes_text,
    parse,
    tokens,
    walk,
)

__all__ = [
    "DEPTH_LIMIT",
    "Attribute",
    "Call",
    "Comment",
    "Function",
    "Group",
    "MacroCall",
    "PathUse",
    "RustFile",
    "StringLiteral",
    "ancestors",
    "attributes",
    "calls",
    "comments",
    "docs",
    "enclosing",
    "file",
    "find",
    "functions",
    "in_test_code",
    "is_test",
    "joined",
    "local_cfg",
    "macro_calls",
    "name_of",
    "nodes_text",
    "parse",
    "paths",
    "string",
    "strings",
    "token_groups",
    "tokens",
    "use_leaves",
    "walk",
]
