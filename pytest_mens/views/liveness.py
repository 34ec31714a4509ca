"""Whether code is compiled at all, whether outside of tests, and whether all of a file's items can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mens.views import cfg, modules, rust

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.rust import RustFile

_ITEM_BODIES = ("function_item", "macro_invocation", "macro_definition")
_TEST_TARGETS = ("test", "bench")


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
