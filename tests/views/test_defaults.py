from __future__ import annotations

import pytest

from pytest_mens.views import defaults, markdown


def told(text: str) -> list[tuple[str, str]]:
    page = markdown.parse("page.md", text)
    found = [claim for block in page.blocks for claim in defaults.claims(block)]
    return [(claim.name, claim.value) for claim in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`--batch`: default `8`.", [("--batch", "8")]),
        ("`--batch` defaults to 8.", [("--batch", "8")]),
        ("`--mode strict` (default) is slow.", [("--mode", "strict")]),
        ("## Mode (`--mode`)\n\n- `strict` (default): slow.", [("--mode", "strict")]),
        ("`--batch` and `--seed`: default `8` and `42`.", [("--batch", "8"), ("--seed", "42")]),
        ("`--mode strict` and `--batch 8` are the defaults.", [("--batch", "8"), ("--mode", "strict")]),
        ("The default of `--batch` is `8`.", [("--batch", "8")]),
        ("`strict` is the default for `--mode`.", [("--mode", "strict")]),
        ("The default `SIZE_LIMIT` is `12`.", [("SIZE_LIMIT", "12")]),
        ("| Flag | Default |\n|---|---|\n| `--batch` | `8` |", [("--batch", "8")]),
    ],
)
def test_what_is_told(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "`--mode strict` is never the default.",
        "`--batch` counts rows. The default of the tool is `12`.",
        "The default `Reader` of `--mode` is quick.",
        "| Flag | Meaning |\n|---|---|\n| `--batch` | `8` |",
    ],
)
def test_what_is_not_told(text: str) -> None:
    assert told(text) == []


def test_switches() -> None:
    (block,) = markdown.parse("page.md", "`--loud` is on by default, `--mode x` is off by default.").blocks
    claims = list(defaults.switches(block))
    assert [(claim.name, claim.value, claim.place) for claim in claims] == [("--loud", "on", (1, 13))]
