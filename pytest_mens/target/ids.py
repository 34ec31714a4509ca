"""Object ids: the hash of a header and the content, as git names what it stores (gitformat-loose, gitglossary)."""

from __future__ import annotations

import hashlib


def start(kind: str, size: int, length: int = 40) -> hashlib._Hash:
    """Begin the hash of an object of `size` bytes whose id has `length` hexadecimal digits."""
    digest = hashlib.sha256() if length == 64 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"%s %d\0" % (kind.encode(), size))
    return digest


def object_id(kind: str, data: bytes, length: int = 40) -> str:
    """Give the id of an object."""
    digest = start(kind, len(data), length)
    digest.update(data)
    return digest.hexdigest()
