"""Hooks that another plugin or a conftest.py can implement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mens.model import Checker


@pytest.hookspec()
def pytest_mens_checkers() -> Mapping[str, Checker]:
    """Give more checkers, by the name that `checker = "..."` in a checklist uses.

    A checker is a module (or object) with a frozen dataclass `Params` and a function `check(target, params)` that
    yields `pytest_mens.model.Finding`s. A name that pytest-mens itself uses cannot be taken.
    """
    raise NotImplementedError
