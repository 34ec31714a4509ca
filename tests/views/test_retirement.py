from __future__ import annotations

import pytest

from pytest_mens.views import markdown
from pytest_mens.views.retirement import Retirement


def gone(text: str) -> list[bool]:
    retirement = Retirement(("removed", "no longer"))
    page = markdown.parse("page.md", text)
    return [
        retirement.of_line(block, inline) for block in page.blocks for inline in block.inlines if inline.kind == "code"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`--old` was removed. Use `--new`.", [True, False]),
        ("`--old` is *no*\nlonger read; keep `--new`.", [True, True]),
        ("`--old` is [no](x.md) longer read.", [True]),
        ("| Flag | Notes |\n|---|---|\n| `--old` | removed in `v2` |\n| `--new` | |", [True, True, False]),
    ],
)
def test_what_is_said_to_be_gone(text: str, expected: list[bool]) -> None:
    assert gone(text) == expected


def test_without_words_nothing_is() -> None:
    (block,) = markdown.parse("page.md", "`--old` was removed.").blocks
    assert not Retirement(()).of_line(block, block.inlines[0])
