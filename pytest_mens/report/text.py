"""The boundary that text from a target crosses before it reaches a terminal, a log or XML."""

from __future__ import annotations

import re
import unicodedata

MAX_FINDINGS = 50
"""Findings of one entry that are shown; the rest is counted."""
MAX_RELATED = 10
"""Related places of one finding that are shown; the rest is counted."""
MAX_LENGTH = 500
"""Characters of one message, source line or help that are shown."""

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# GitHub and Azure runners obey these anywhere in a line of a log.
_RUNNER_COMMAND = re.compile(r"##(?=\[|vso\[)")


def clean(text: str) -> str:
    """Make `text` safe to show: control, format and bidi characters and lone surrogates become visible escapes.

    TAB and LF stay. `##[` and `##vso[` are broken up. Idempotent; the result is valid UTF-8 and legal XML 1.0.
    """
    if text.isascii() and text.isprintable():
        shown = text
    else:
        shown = "".join(_visible(character) for character in text)
    return _RUNNER_COMMAND.sub(r"#\\#", shown)


def clean_line(text: str, limit: int = MAX_LENGTH) -> str:
    """Make `text` safe and one line of at most `limit` characters."""
    shown = clean(text).replace("\n", "\\n").replace("\t", " ")
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _visible(character: str) -> str:
    if character in "\t\n":
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8 (surrogateescape)
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(character) in _HIDDEN_CATEGORIES or code in {0xFFFE, 0xFFFF}:
        if code < 0x100:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character
