"""What the user asked for cannot be done: the plugin makes a usage error of it."""

from __future__ import annotations


class TargetError(Exception):
    """One line for the user, control characters shown escaped."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))


def visible(text: str) -> str:
    """Show everything that is not printable as an escape, so that a name cannot act on a terminal or break a line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
