"""The paths that git tracks, read from the index file without starting git.

Source: gitformat-index(5), versions 2 to 4. Everything in it is bounded and checked; an index that cannot be read in
full is worth nothing and gives None. It is used for one purpose: to find tracked files in ignored directories. So a
forged index can add paths that are there anyway, and can hide nothing.
"""

from __future__ import annotations

import hashlib
import struct

INDEX_LIMIT = 64 * 1024 * 1024
ENTRIES_LIMIT = 200_000

_HEADER = struct.Struct(">4sII")
_FLAGS = struct.Struct(">H")
_EXTENDED = 0x4000
_NAME_MASK = 0x0FFF
_GITLINK = 0o160000
_FOLDER = 0o040000


def tracked(data: bytes) -> list[str] | None:
    """Give the tracked files (no submodules), or None when `data` is not an index that can be read whole."""
    # the format is the same in a repository with SHA-256 ids, but for their length; the checksum at the end tells
    hash_size = 32 if hashlib.sha256(data[:-32]).digest() == data[-32:] else 20
    try:
        signature, version, count = _HEADER.unpack_from(data)
        if signature != b"DIRC" or version not in (2, 3, 4) or count > ENTRIES_LIMIT:
            return None
        return _entries(data, version, count, hash_size)
    except (struct.error, ValueError, IndexError):
        return None


def _entries(data: bytes, version: int, count: int, hash_size: int) -> list[str] | None:
    """Read `count` entries: 40 bytes of stat data (the mode at 24), the object id, the flags, the name."""
    paths = []
    end = len(data) - hash_size
    position = _HEADER.size
    previous = b""
    for _ in range(count):
        mode = int.from_bytes(data[position + 24 : position + 28], "big")
        name_at = position + 40 + hash_size + 2
        (flags,) = _FLAGS.unpack_from(data, name_at - 2)
        if flags & _EXTENDED:
            name_at += 2
        if version == 4:
            strip, name_at = _offset(data, name_at)
            if strip > len(previous):
                return None
            stop = data.index(b"\0", name_at, end)
            name = previous[: len(previous) - strip] + data[name_at:stop]
            position = stop + 1
        else:
            length = flags & _NAME_MASK
            stop = name_at + length if length < _NAME_MASK else data.index(b"\0", name_at, end)
            name = data[name_at:stop]
            position += (stop - position + 8) & ~7  # padded with one to eight NUL bytes
        if position > end or not name:
            return None
        previous = name
        if mode & 0o170000 not in (_GITLINK, _FOLDER):
            paths.append(name.decode("utf-8", "surrogateescape"))
    return None if _has_link(data, position, end) else paths


def _offset(data: bytes, position: int) -> tuple[int, int]:
    """Read the variable-width number of version 4: base 128, big-endian, each continuation adds one."""
    byte = data[position]
    value = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = data[position]
        value = ((value + 1) << 7) | (byte & 0x7F)
        if value > INDEX_LIMIT:
            raise ValueError
    return value, position + 1


def _has_link(data: bytes, position: int, end: int) -> bool:
    """Tell whether the extension `link` follows: such an index keeps entries in another file."""
    while position + 8 <= end:
        signature, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "big")
        if signature == b"link":
            return True
        position += 8 + size
    return False
