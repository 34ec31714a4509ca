"""The module tree of every Cargo target: which file is mounted where, and under which cfg. Resolved only as asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import CargoTarget, Package
    from pytest_mens.views.cfg import Predicate
    from pytest_mens.views.rust import Function, RustFile


@dataclass(frozen=True)
class Placement:
    """One place at which a file is part of a crate. `module` is the module path without the crate name.

    `cfg` is the conjunction from the crate root down to the file, its own inner `#![cfg]` included. An `include!`d
    file has the module path of the file that includes it (`included` is then true).
    """

    package: Package
    target: CargoTarget
    file: str
    module: tuple[str, ...]
    cfg: Predicate
    included: bool = False


def placements(target: Target, path: str) -> tuple[Placement, ...]:
    """Give every place at which `path` is reachable from a crate root; none for a dead file. Holes raise nothing."""
    raise NotImplementedError


def files_of(target: Target, package: Package, cargo_target: CargoTarget) -> tuple[Placement, ...]:
    """Give all files of one Cargo target, in module order."""
    raise NotImplementedError


@dataclass(frozen=True)
class Item:
    """A function where it stands in a crate. `path` is the full path such as `mens::tensor::tests::name`."""

    function: Function
    file: RustFile
    placement: Placement
    path: str
    cfg: Predicate


def items(target: Target, placement: Placement) -> Iterator[Item]:
    """Give the functions of a placed file with their full module path and effective cfg."""
    raise NotImplementedError


def find_module(target: Target, package: Package, pattern: str) -> tuple[Placement, ...]:
    """Give the files that make up a module of the package's library: `lora`, `mens::tensor::lora`, `**::lora`.

    Included files belong to the module that includes them and are given too.
    """
    raise NotImplementedError
