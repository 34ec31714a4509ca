"""Which Rust files belong to packages that use given libraries, and which code of them can be compiled at all."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pytest_mens.target import globs
from pytest_mens.views import cargo, cfg, modules, rust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.modules import Placement
    from pytest_mens.views.rust import RustFile


def users(target: Target, libraries: Sequence[str], exclude: Sequence[str] = ()) -> list[Package]:
    """Give the members that are one of `libraries` or depend on one, by globs of real names; those of `exclude` not."""
    found = []
    for package in cargo.workspace(target).packages.values():
        names = [package.name, *(dependency.package for dependency in package.dependencies)]
        if matches(names, libraries) and not matches([package.name], exclude):
            found.append(package)
    return found


def matches(names: Sequence[str], globs: Sequence[str]) -> bool:
    """Tell whether any name matches any glob."""
    if not set(globs).isdisjoint(names):
        return True
    wild = [glob for glob in globs if not _PLAIN.fullmatch(glob)]
    return any(fnmatchcase(name, glob) for name in names for glob in wild)


_PLAIN = re.compile(r"[\w.-]*")


def files(target: Target, packages: Sequence[Package], needles: Sequence[str], within: str = "") -> list[str]:
    """Give the packages' Rust files that hold any of `needles`, with `within` in their path.

    A package inside another is its own.
    """
    below = (path for package in packages for path in globs.below(target.paths, package.root))
    inside = [path for path in below if path.endswith(".rs") and within in path]
    names = {package.name for package in packages}
    kept = target.containing([needle.encode() for needle in needles], inside)
    workspace = cargo.workspace(target)
    return [path for path in kept if (owner := workspace.package_of(path)) is not None and owner.name in names]


def condition(placement: Placement, file: RustFile, node: Node) -> cfg.Predicate:
    """Give the cfg of a place in a file as it stands in a crate, features that its package lacks taken as off."""
    features = placement.package.features
    whole = cfg.conjoin((placement.cfg, rust.local_cfg(file, node)))

    def known(atom: cfg.Atom) -> bool | None:
        return False if atom.name == "feature" and atom.value not in features else None

    return cfg.assume(whole, known)


def compiled(target: Target, file: RustFile, node: Node) -> bool:
    """Tell whether some configuration compiles this place: its file is reached, and its cfg can hold."""
    return any(cfg.satisfiable(condition(placement, file, node)) for placement in modules.placements(target, file.path))
