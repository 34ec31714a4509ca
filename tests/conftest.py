"""Shared by all tests: pytester, and the switch that rewrites the expectations of the cases."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="rewrite tests/cases/*/*/expected from what the checkers say, for review in the diff",
    )
