"""Texts that code has under a name: constants, and the message functions of a module kept for such texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views import liveness, modules, rust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.rust import RustFile, StringLiteral

TEXT_TYPES = ("const_item", "static_item", "function_item")


@dataclass(frozen=True, eq=False)
class NamedText:
    """A constant, static or fn and the literals of its value or body, in source order."""

    name: str
    file: RustFile
    node: Node
    literals: tuple[StringLiteral, ...]

    @property
    def value(self) -> str:
        """Give the text, white space folded and placeholders emptied: what two copies must agree on."""
        return folded(" ".join(literal.value for literal in self.literals))


@dataclass(frozen=True, eq=False)
class Region:
    """The part of a file that belongs to the module of that name: all of it, or the body of an inline module."""

    file: RustFile
    node: Node
    module: str = ""


def folded(text: str) -> str:
    """Fold white space and empty the placeholders, so that `{path}` and `{}` are the same."""
    return re.sub(r"\{[^{}\s]*\}", "{}", " ".join(text.split()))


def constants(target: Target, name: str, paths: Iterable[str]) -> tuple[NamedText, ...]:
    """Give the definitions in `paths` of a constant or static outside of tests."""
    needle = re.compile(rb"\b(?:const|static)\s+(?:mut\s+)?" + name.encode() + rb"\s*:")
    found: list[NamedText] = []
    for path in paths:
        data = target.data(path)
        if name.encode() in data and needle.search(data):
            file = rust.file(target, path)
            found.extend(text for text in texts(target, Region(file, file.root)) if text.name == name)
    return tuple(text for text in found if text.node.type != "function_item")


def texts(target: Target, region: Region) -> Iterator[NamedText]:
    """Give the named texts of a region that are compiled outside of tests; what is nested in a fn is the fn's."""
    end = -1
    for node in rust.find(region.file, *TEXT_TYPES):
        if node.start_byte < max(end, region.node.start_byte) or node.end_byte > region.node.end_byte:
            continue
        end = node.end_byte
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("body" if node.type == "function_item" else "value")
        if name is None or value is None:
            continue
        literals = tuple(rust.strings(region.file, value))
        if literals and liveness.is_production(target, region.file, node):
            yield NamedText(region.file.text_of(name).removeprefix("r#"), region.file, node, literals)


def regions(target: Target, names: Sequence[str], declaring: Iterable[str]) -> list[Region]:
    """Give what belongs to the modules of these names, in any crate: files, folders, included parts, inline modules.

    A module is found by its declaration in one of the files `declaring`; a file of another name is followed when
    `#[path]` mounts it.
    """
    alternatives = b"|".join(re.escape(name.encode()) for name in names)
    declaration = re.compile(rb"mod\s+(" + alternatives + rb")\s*([;{])")
    paths: dict[str, str] = {}
    inline: list[Region] = []
    for path in declaring:
        declared = {(match[1].decode(), match[2]) for match in declaration.finditer(target.data(path))}
        for name, kind in sorted(declared):
            if kind == b";":
                paths.update(dict.fromkeys(_mounted_by(target, path, name), name))
            else:
                inline.extend(_inline(rust.file(target, path), name))
    found = [Region(file, file.root, paths[path]) for path in sorted(paths) for file in [rust.file(target, path)]]
    return found + [region for region in inline if region.file.path not in paths]


_PATH = re.compile(rb"\bpath\s*=\s*\"")


def _mounted_by(target: Target, declaring: str, name: str) -> Iterator[str]:
    """Give the files that the module of that name in one package consists of, its child modules included."""
    for package in {place.package.name: place.package for place in modules.placements(target, declaring)}.values():
        below = f"{package.root}/" if package.root else ""
        inside = [path for path in liveness.rust_files(target) if path.startswith(below)]
        found = [path for path in inside if name in path.removesuffix(".rs").split("/")]
        elsewhere = _PATH.search(target.data(declaring)) or any(b"include!" in target.data(path) for path in found)
        if not found or elsewhere:
            found += [place.file for place in modules.find_module(target, package, f"**::{name}")]
        yield from found


def _inline(file: RustFile, wanted: str) -> Iterator[Region]:
    for node in rust.find(file, "mod_item"):
        name, body = (node.child_by_field_name(field) for field in ("name", "body"))
        if name is not None and body is not None and file.text_of(name) == wanted:
            yield Region(file, body, wanted)
