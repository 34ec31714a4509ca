"""Functions: where they stand, and whether they are tests or stand in test code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views import cfg
from pytest_mens.views.rust.attribute import attributes, local_cfg, split_arguments
from pytest_mens.views.rust.syntax import FUNCTION_TYPES, SCOPE_TYPES, RustFile, below, enclosing, name_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TEST_ATTRIBUTES = re.compile(r"(?:test|rstest|test_case|wasm_bindgen_test|quickcheck|test_matrix|case|proptest)\Z")


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
    for node in below(file, None, SCOPE_TYPES):
        while around and around[-1].end_byte <= node.start_byte:
            around.pop()
        if node.type in FUNCTION_TYPES:
            owner, trait = _owner_of(file, around[-1]) if around else (None, None)
            scope = tuple(name_of(file, module) for module in around if module.type == "mod_item")
            body = node.child_by_field_name("body")
            found.append(Function(name_of(file, node), owner, trait, scope, node, body, file))
        around.append(node)
    return tuple(found)


def _owner_of(file: RustFile, holder: Node) -> tuple[str | None, str | None]:
    if holder.type == "trait_item":
        name = name_of(file, holder)
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
        return name_of(file, node)
    return file.text_of(node).removeprefix("r#")


def is_test(file: RustFile, function: Node) -> bool:
    """Tell whether a fn item carries a live test attribute (last path segment `test`, rstest, test_case, ...)."""
    for attribute in attributes(file, function):
        paths = [attribute.path]
        if attribute.path == "cfg_attr":
            paths = [re.split(r"[\s(=]", part, maxsplit=1)[0] for part in split_arguments(attribute.args)[1:]]
        if any(_TEST_ATTRIBUTES.match(path.rpartition("::")[2]) for path in paths):
            return True
    return False


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
