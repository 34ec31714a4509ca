from __future__ import annotations

import pytest

from pytest_mens.views.rust_text import Code


@pytest.mark.parametrize(
    ("text", "code", "bare"),
    [
        ('a("x // y"); // z', 'a("x // y");     ', "a(        );     "),
        ('r#"a" b"# + r', 'r#"a" b"# + r', "          + r"),
        ('br"\\" + "x"', 'br"\\" + "x"', "      +    "),
        ('for"x"', 'for"x"', "for   "),
        ("b'\"' + '\\'' + 'a", "b'\"' + '\\'' + 'a", "     +      + 'a"),
        ("/* a /* b */ c */ d", "                  d", "                  d"),
        ('a "open // x', 'a "open // x', "a           "),
        ("a /* open", "a        ", "a        "),
        ('r"open\\" x', 'r"open\\" x', "         x"),
    ],
)
def test_comments_and_literals_are_blanked(text: str, code: str, bare: str) -> None:
    assert (Code(text).code, Code(text).bare) == (code, bare)
