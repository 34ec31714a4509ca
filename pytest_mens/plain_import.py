"""Import the modules of this package as they are, past pytest's rewriting of assertions.

pytest rewrites all modules of a distribution that holds a plugin. Ours have no assertions for it, and wherever Python
may not write bytecode, rewriting them would take a second of every run.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class _Finder:
    """Stands before pytest's import hook and answers for the modules of this package only."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name.startswith("pytest_mens."):
            return PathFinder.find_spec(name, path, target)
        return None


def install() -> None:
    """Put the finder first, once a process."""
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
