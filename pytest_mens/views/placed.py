"""Whether a Rust file is part of any build: a file that nothing mounts is text, not code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mens.model import SubjectMissingError
from pytest_mens.views import cargo, modules

if TYPE_CHECKING:
    from pytest_mens.target import Target


def is_live(target: Target, path: str) -> bool:
    """Tell whether a Cargo target reaches the file. Outside every package nothing can be said against it."""
    package = _package(target, path)
    return package is None or bool(modules.placements(target, path))


def features(target: Target, path: str) -> frozenset[str] | None:
    """Give the features that the file's package declares, or None when it belongs to no package."""
    package = _package(target, path)
    return None if package is None else frozenset(package.features)


def _package(target: Target, path: str) -> cargo.Package | None:
    try:
        return cargo.workspace(target).package_of(path)
    except SubjectMissingError:
        return None
