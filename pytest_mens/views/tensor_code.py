"""Where tensor code may stand: in packages that use a tensor library, and in those that get tensors from a member.

A member that has no such library of its own is only read in files that name a crate of the first kind, and only when it
declares none of the methods itself that are looked for: then what is called is that crate's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import cargo, scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package


def files(target: Target, libraries: Sequence[str], exclude: Sequence[str], needles: Sequence[str]) -> list[str]:
    """Give the Rust files with any of `needles` in which tensors may be used, those of `exclude` left out."""
    users = scope.users(target, libraries, exclude)
    found = scope.files(target, users, needles)
    for package, crates in _through(target, users, exclude):
        named = scope.files(target, [package], [f"{crate}::" for crate in crates])
        holding = target.containing([needle.encode() for needle in needles], named)
        if holding and not _declares(target, package, needles):
            found.extend(holding)
    return found


def _through(target: Target, users: Sequence[Package], exclude: Sequence[str]) -> list[tuple[Package, list[str]]]:
    """Give the members that depend on one of `users` but are none, with the names of those crates."""
    names = {package.name for package in users}
    found = []
    for package in cargo.workspace(target).packages.values():
        if package.name not in names and not scope.matches([package.name], exclude):
            crates = sorted({one.crate for one in package.dependencies if one.package in names})
            if crates:
                found.append((package, crates))
    return found


def _declares(target: Target, package: Package, needles: Sequence[str]) -> bool:
    """Tell whether a package declares a function or type that is called like what is looked for."""
    names = "|".join(re.escape(needle.rstrip("(")) for needle in needles)
    declaring = re.compile(rf"(?:fn|struct|enum|trait|type)\s+(?:{names})\b".encode())
    return any(declaring.search(target.data(path)) for path in scope.files(target, [package], needles))


def crates_behind(target: Target, crate: str) -> frozenset[str]:
    """Give the crates that a member of the workspace depends on; none for other crates."""
    return target.view(_behind).get(crate, frozenset())


def _behind(target: Target) -> dict[str, frozenset[str]]:
    packages = cargo.workspace(target).packages.values()
    libraries = ((package.target("lib"), package) for package in packages)
    return {
        library.crate: frozenset(one.package.replace("-", "_") for one in package.dependencies)
        for library, package in libraries
        if library is not None
    }
