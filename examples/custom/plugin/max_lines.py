"""A checker of one's own: files have at most so many lines.

A plugin hands checkers over through the hook `pytest_mens_checkers`. Here the module itself is the checker: it has
`Params`, the schema of the entry's table, and `check`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, SubjectMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from pytest_mens.target import Target


@dataclass(frozen=True)
class Params:
    """Which files, and how long they may be."""

    files: tuple[str, ...]
    lines: int


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Yield a finding at the first line beyond the limit."""
    paths = target.glob(*params.files)
    if not paths:
        raise SubjectMissingError(f"no file matches {', '.join(params.files)}")
    for path in paths:
        count = target.text(path).count("\n")
        if count > params.lines:
            message = f"{count} lines, {params.lines} are allowed"
            yield Finding(path, message, line=params.lines + 1, help="split the page")


def pytest_mens_checkers() -> Mapping[str, ModuleType]:
    """Bring the checker to pytest-mens."""
    return {"max-lines": sys.modules[__name__]}
