"""Whether code is compiled at all, whether outside of tests, and whether all of a file's items can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mens.model import UnreadableError
from pytest_mens.views import cfg, modules, rust

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.rust import RustFile

_ITEM_BODIES = ("function_item", "macro_invocation", "macro_definition")
_TEST_TARGETS = ("test", "bench")
"""Kinds of Cargo targets that hold nothing but tests."""


def is_production(target: Target, file: RustFile, node: Node) -> bool:
    """Tell whether `node` stands in a live file and is compiled into something other than a test or benchmark."""
    if rust.in_test_code(file, node):
        return False
    return any(
        place.target.kind not in _TEST_TARGETS and not cfg.implies(place.cfg, cfg.Atom("test"))
        for place in modules.placements(target, file.path)
    )


def is_test_code(target: Target, file: RustFile, node: Node) -> bool:
    """Tell whether `node` stands in a live file and is compiled into tests or benchmarks alone."""
    places = modules.placements(target, file.path)
    return bool(places) and not is_production(target, file, node)


def whole_file(target: Target, path: str) -> RustFile:
    """Parse a file of which every item matters; raise UnreadableError when a syntax error may hide one."""
    file = rust.file(target, path)
    for error in file.errors():
        if rust.enclosing(error, *_ITEM_BODIES) is None:
            file.require_parsed(file.root)
    return file


def rust_files(target: Target) -> tuple[str, ...]:
    """Give the Rust files of the target, but not those that cannot be read and are in no build but for tests."""
    return target.view(_rust_files)


def _rust_files(target: Target) -> tuple[str, ...]:
    return tuple(
        path for path in target.reading(target.glob("*.rs")) if _is_readable(target, path) or _is_needed(target, path)
    )


def _is_readable(target: Target, path: str) -> bool:
    try:
        target.data(path)
    except UnreadableError:
        return False
    return True


def _is_needed(target: Target, path: str) -> bool:
    return any(place.target.kind not in _TEST_TARGETS for place in modules.placements(target, path))
