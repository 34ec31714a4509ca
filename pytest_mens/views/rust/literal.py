"""String literals, decoded, with the places of their characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mens.views.rust.syntax import ATTRIBUTES, STRINGS, below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.views.rust.syntax import RustFile


@dataclass(frozen=True)
class StringLiteral:
    """A decoded string literal. `value[i]` was written at byte `offsets[i]` of the file.

    `prefix` is what stands before the quote without hashes: "", "r", "b", "br", "c" or "cr". The characters of a
    byte or C string are its bytes as written, escapes above 0x7f as the character of that number.
    """

    value: str
    offsets: Sequence[int]
    node: Node
    prefix: str = ""


_OPENING = re.compile(rb'(b|c)?(r)?(#*)"')
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "0": "\0", "'": "'", '"': '"'}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F_]+)\}|(\n[ \t\n\r]*)|(.))", re.DOTALL)


def string(file: RustFile, node: Node) -> StringLiteral:
    r"""Decode a string, raw string, byte string or C string literal: escapes, line continuation, `\u{..}`."""
    raw = file.source[node.start_byte : node.end_byte]
    opening = _OPENING.match(raw)
    if opening is None:
        return StringLiteral(raw.decode("utf-8", "replace"), range(node.start_byte, node.end_byte), node)
    closing = len(opening.group(3)) + 1
    content = raw[opening.end() : len(raw) - closing]
    start = node.start_byte + opening.end()
    prefix = ((opening.group(1) or b"") + (opening.group(2) or b"")).decode()
    if opening.group(2) is None and b"\\" in content:
        value, offsets = _unescape(content.decode("utf-8", "replace"), start)
        return StringLiteral(value, offsets, node, prefix)
    text = content.decode("utf-8", "replace")
    if content.isascii():
        return StringLiteral(text, range(start, start + len(text)), node, prefix)
    return StringLiteral(text, _byte_offsets(text, start), node, prefix)


def joined(literals: Sequence[StringLiteral]) -> StringLiteral:
    """Give what `concat!` makes of literals; its node is that of the first."""
    offsets = [offset for literal in literals for offset in literal.offsets]
    return StringLiteral("".join(literal.value for literal in literals), offsets, literals[0].node)


def _byte_offsets(text: str, start: int) -> list[int]:
    offsets = []
    for character in text:
        offsets.append(start)
        start += len(character.encode())
    return offsets


def _unescape(text: str, start: int) -> tuple[str, list[int]]:
    written = _byte_offsets(text, start)
    value: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        value.extend(text[at : match.start()])
        offsets.extend(written[at : match.start()])
        at = match.end()
        character = _unescaped(match)
        if character:
            value.append(character)
            offsets.append(written[match.start()])
    value.extend(text[at:])
    offsets.extend(written[at:])
    return "".join(value), offsets


def _unescaped(match: re.Match[str]) -> str:
    byte, scalar, continuation, simple = match.groups()
    if continuation is not None:
        return ""
    if simple is not None:
        return _SIMPLE_ESCAPES.get(simple, simple)
    number = int((byte or scalar).replace("_", "") or "0", 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"


def strings(file: RustFile, within: Node | None = None) -> Iterator[StringLiteral]:
    """Give every string literal of `within` (default: the file), those in macro bodies too, attributes excluded."""
    skip_until = -1
    for node in below(file, within, (*STRINGS, *ATTRIBUTES, "extern_modifier")):
        if node.start_byte < skip_until:
            continue
        if node.type in STRINGS:
            yield string(file, node)
        else:
            skip_until = node.end_byte
