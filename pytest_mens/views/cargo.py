"""The Cargo workspace from its manifests alone: packages, targets, dependencies, features.

Source: the Cargo book, chapters Workspaces, Cargo Targets, Specifying Dependencies, Features (resolver 2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mens.model import Finding
    from pytest_mens.target import Target
    from pytest_mens.views.cfg import Predicate

Kind = Literal["lib", "bin", "test", "example", "bench", "custom-build"]


@dataclass(frozen=True)
class CargoTarget:
    """One target of a package; `path` is its root file, relative to the repository."""

    name: str
    kind: Kind
    path: str
    required_features: tuple[str, ...] = ()
    harness: bool = True
    test: bool = True
    doctest: bool = True
    proc_macro: bool = False


@dataclass(frozen=True)
class Dependency:
    """One declared dependency, inheritance resolved. `name` is the key in the manifest, `package` the real name."""

    name: str
    package: str
    kind: Literal["normal", "dev", "build"]
    optional: bool
    default_features: bool
    features: tuple[str, ...]
    path: str | None
    platform: Predicate | str | None

    @property
    def crate(self) -> str:
        """Give the name that Rust code uses for it."""
        return self.name.replace("-", "_")


@dataclass(frozen=True)
class Package:
    """A workspace member (or a path dependency inside the repository)."""

    name: str
    root: str
    manifest: str
    targets: tuple[CargoTarget, ...]
    dependencies: tuple[Dependency, ...]
    features: Mapping[str, tuple[str, ...]]
    """Declared and implicit features, as `cargo metadata` shows them."""
    edition: str = "2021"

    def target(self, kind: Kind, name: str | None = None) -> CargoTarget | None:
        """Give the target of that kind (and name), or None."""
        raise NotImplementedError


@dataclass(frozen=True)
class Workspace:
    """All members, the manifest's `default-members`, and what is wrong with it (one finding per bad member)."""

    manifest: str
    packages: Mapping[str, Package]
    default_members: tuple[str, ...]
    problems: tuple[Finding, ...] = field(default=())

    def package_of(self, path: str) -> Package | None:
        """Give the package whose folder holds `path` most closely."""
        raise NotImplementedError


def workspace(target: Target) -> Workspace:
    """Read the workspace of the repository's root manifest (memoised). Raise SubjectMissingError without one."""
    raise NotImplementedError


@dataclass(frozen=True)
class Selection:
    """What a command asks Cargo to build: packages, requested features, defaults or not, dev-dependencies or not."""

    packages: tuple[str, ...]
    features: tuple[str, ...] = ()
    all_features: bool = False
    default_features: bool = True
    dev: bool = True


def enabled_features(workspace: Workspace, selection: Selection) -> Mapping[str, frozenset[str]]:
    """Give the features each reached package is built with, unified over the selection as resolver 2 does.

    Raise ValueError with Cargo's reason for an unknown package or feature.
    """
    raise NotImplementedError


def close_features(package: Package, features: Iterable[str]) -> frozenset[str]:
    """Close features within one package: `f`, implicit features, `dep:x` and `x/f` as written, `x?/f` kept weak."""
    raise NotImplementedError
