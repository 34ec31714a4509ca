"""The start-up guard: pytest itself must not load configuration or code from a target."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def inside_any(path: Path, repos: Sequence[Path]) -> bool:
    """Tell whether `path` is one of `repos` or lies below one, symbolic links resolved."""
    place = _resolved(path)
    return any(place == root or root in place.parents for root in map(_resolved, repos))


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike Path.resolve it takes links that lead in a circle, too


def refuse_target_code(config: pytest.Config, repos: Sequence[Path], paths: Sequence[str]) -> None:
    """Raise UsageError when pytest's configuration, directory or test paths lie in a target."""
    start = config.invocation_params.dir
    for what, place in _places(config, start, paths):
        if inside_any(place, repos):
            raise pytest.UsageError(
                f"{what} {place} lies inside the target: pytest would run the target's own configuration; "
                "start from another directory, or pass --mens-trust-target if the target is yours"
            )
    for conftest in _conftests(config, start, paths):
        if inside_any(conftest.parent, repos):
            raise pytest.UsageError(
                f"pytest would import {conftest} (conftest.py of a test directory), which lies inside the target; "
                "start from another directory, or pass --mens-trust-target if the target is yours"
            )


def _places(config: pytest.Config, start: Path, paths: Iterable[str]) -> Iterator[tuple[str, Path]]:
    yield "the working directory", start
    yield "the rootdir", config.rootpath
    if config.inipath is not None:
        yield "the configuration file", config.inipath
    for path in paths:
        yield "the test path", start / path.split("::")[0]


def _conftests(config: pytest.Config, start: Path, paths: Sequence[str]) -> Iterator[Path]:
    """Give the conftest files that pytest imports before collection: of `testpaths`, and of `test*` below an anchor."""
    for pattern in config.getini("testpaths"):
        for place in sorted(glob.glob(os.path.join(start, pattern), recursive=True)):  # noqa: PTH118, PTH207 - as pytest does; `pattern` may be absolute
            yield Path(place, "conftest.py")
    for anchor in [start / path.split("::")[0] for path in paths] or [start]:
        if anchor.is_dir():
            for folder in sorted(anchor.glob("test*")):
                if folder.is_dir():
                    yield folder / "conftest.py"
