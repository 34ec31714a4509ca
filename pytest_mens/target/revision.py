"""The files of a commit, read from the object store; no checkout. Every object is checked against its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from pytest_mens.model import UnreadableError
from pytest_mens.target import beneath
from pytest_mens.target.errors import TargetError
from pytest_mens.target.git import Git, GitError, Header
from pytest_mens.target.tree import DEPTH_LIMIT, ENTRIES_LIMIT, FILE_SUFFIXES, Budget

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mens.target.repository import Revision

_AHEAD_LIMIT = 256 * 1024
_LINK_LIMIT = 4096
_COMMIT_LIMIT = 1024 * 1024
_TREE_LIMIT = 16 * 1024 * 1024
_FETCH_HINT = "fetch it first, for example with fetch-depth: 0 and without a filter"
_KINDS: dict[int, Literal["file", "link", "folder", "submodule"]] = {
    0o10: "file",
    0o12: "link",
    0o04: "folder",
    0o16: "submodule",
}
"""The file types of a tree entry's mode, as in `stat`."""


class Entry(NamedTuple):
    """One entry of a tree object."""

    name: str
    kind: Literal["file", "link", "folder", "submodule"]
    id: str


class Store:
    """Commits, trees and blobs of one repository. Trees are kept: two revisions share most of them."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._trees: dict[str, tuple[Entry, ...]] = {}

    def commit(self, revision: Revision, text: str, hint: str) -> str:
        """Give the full id of the commit that a revision means; raise TargetError with `hint` if there is none."""
        header = self._headers([f"{revision}^{{commit}}"])[0]
        if header is None or header.kind != "commit":
            because = f": {hint}" if hint else ""
            raise TargetError(f"unknown revision {text!r}: the repository holds no such commit{because}")
        return header.id

    def merge_base(self, one: str, other: str) -> str | None:
        """Give the best common ancestor of two commits, or None."""
        if one == other:
            return one
        try:
            return self._git.merge_base(one, other)
        except GitError as error:
            raise TargetError(f"the merge base of {one} and {other} cannot be found: {error}") from None

    def files(self, commit: str) -> dict[str, Entry]:
        """Give every file and link of a commit, by path, sorted; raise TargetError if the listing is not whole."""
        found: dict[str, Entry] = {}
        level = [("", self._root(commit))]
        seen = 0
        depth = 0
        while level:
            depth += 1
            if depth > DEPTH_LIMIT + 1:
                raise TargetError(f"commit {commit} nests its directories too deep (more than {DEPTH_LIMIT} levels)")
            self._load(level, commit)
            below = []
            for prefix, id_ in level:
                entries = self._trees[id_]
                seen += len(entries)
                if seen > ENTRIES_LIMIT:
                    raise TargetError(f"commit {commit} holds too many files (more than {ENTRIES_LIMIT})")
                for entry in entries:
                    if entry.kind == "folder":
                        below.append((f"{prefix}{entry.name}/", entry.id))
                    if entry.kind in ("file", "link") or entry.name.endswith(FILE_SUFFIXES):
                        found[prefix + entry.name] = entry
            level = below
        return {path: found[path] for path in sorted(found)}

    def blobs(self, wanted: Sequence[tuple[str, str]], limit: int) -> list[bytes | UnreadableError]:
        """Give the content of blobs, `(path, id)` each, or why it cannot be had."""
        try:
            headers = self._git.headers([id_ for _, id_ in wanted])
            fit = [header for header in headers if header is not None and _is_blob(header) and header.size <= limit]
            contents = dict(zip((header.id for header in fit), self._git.contents(fit), strict=True))
        except GitError as error:
            if len(wanted) == 1:
                return [UnreadableError(wanted[0][0], f"git cannot read it ({error})")]
            return [answer for one in wanted for answer in self.blobs([one], limit)]  # one bad object costs one file
        return [
            _judge(path, header, contents.get(id_), limit) for (path, id_), header in zip(wanted, headers, strict=True)
        ]

    def _root(self, commit: str) -> str:
        data = self._verified([commit], "commit", _COMMIT_LIMIT)[commit]
        line = data.partition(b"\n")[0]
        if not line.startswith(b"tree ") or len(line) != len("tree ") + len(commit):
            raise TargetError(f"malformed commit {commit}: it names no tree")
        return line[5:].decode("ascii", "replace")

    def _load(self, level: Iterable[tuple[str, str]], commit: str) -> None:
        ids = sorted({id_ for _, id_ in level} - self._trees.keys())
        for id_, data in self._verified(ids, "tree", _TREE_LIMIT).items():
            self._trees[id_] = tuple(_entries(data, len(commit) // 2, id_))

    def _verified(self, ids: Sequence[str], kind: str, limit: int) -> dict[str, bytes]:
        """Give objects without which nothing can be listed; raise TargetError."""
        headers = []
        for id_, header in zip(ids, self._headers(ids), strict=True):
            if header is None:
                raise TargetError(f"the {kind} {id_} is missing from the clone: {_FETCH_HINT}")
            if header.kind != kind:
                raise TargetError(f"the object {id_} is a {header.kind} where a {kind} must be: malformed tree")
            if header.size > limit:
                raise TargetError(f"the {kind} {id_} has too many entries: it is larger than {limit} bytes")
            headers.append(header)
        try:
            contents = self._git.contents(headers)
        except GitError as error:
            raise TargetError(f"git cannot read the repository: {error}") from None
        found = {}
        for id_, data in zip(ids, contents, strict=True):
            if data is None:
                raise TargetError(f"the {kind} {id_} does not match its hash: the object store is damaged or forged")
            found[id_] = data
        return found

    def _headers(self, names: Sequence[str]) -> list[Header | None]:
        try:
            return self._git.headers(names)
        except GitError as error:
            raise TargetError(f"git cannot read the repository: {error}") from None


class RevisionTree:
    """The files of one commit."""

    def __init__(self, store: Store, commit: str, label: str) -> None:
        self.label = label
        self.commit = commit
        self._store = store
        self._files = store.files(commit)
        self._links = {path: beneath.SYMBOLIC_LINK for path, entry in self._files.items() if entry.kind == "link"}
        self._ready: dict[str, bytes] = {}
        self._budget = Budget()

    def paths(self) -> tuple[str, ...]:
        """Give every file and link of the commit, sorted; what stands in a submodule is not in the commit."""
        return tuple(self._files)

    def obstacles(self) -> Mapping[str, str]:
        """Give the symbolic links."""
        return self._links

    def prepare(self, paths: Sequence[str], limit: int) -> None:
        """Ask git for many small files at once; `read` then has them ready."""
        wanted = [(path, entry.id) for path in paths if (entry := self._files.get(path)) and entry.kind == "file"]
        answers = self._store.blobs(wanted, min(limit, _AHEAD_LIMIT))
        ready = zip(wanted, answers, strict=True)
        self._ready = {path: answer for (path, _), answer in ready if isinstance(answer, bytes)}

    def read(self, path: str, limit: int) -> bytes:
        """Read a blob whole; raise UnreadableError, also when the clone lacks it. Nothing is ever fetched."""
        entry = self._files.get(path)
        if entry is None:
            raise UnreadableError(path, "not in the revision")
        if entry.kind == "link":
            raise UnreadableError(path, beneath.SYMBOLIC_LINK)
        allowed = self._budget.limit(limit)
        data = self._ready.pop(path, None)
        if data is None or len(data) > allowed:
            answer = self._store.blobs([(path, entry.id)], allowed)[0]
            if isinstance(answer, UnreadableError):
                raise self._budget.explain(answer, limit)
            data = answer
        self._budget.spend(len(data))
        return data

    def link(self, path: str) -> str:
        """Give the content of a link's object."""
        answer = self._store.blobs([(path, self._files[path].id)], _LINK_LIMIT)[0]
        if isinstance(answer, UnreadableError):
            raise answer
        return answer.decode("utf-8", "surrogateescape")

    def blob_id(self, path: str, length: int = 40) -> str:  # noqa: ARG002 - an object has the id it has
        """Give the id of the content of a file or link."""
        return self._files[path].id

    def matches(self, path: str, blob_id: str) -> bool:
        """Tell whether a file or link has this content."""
        return self._files[path].id == blob_id


def _is_blob(header: Header) -> bool:
    return header.kind == "blob"


def _judge(path: str, header: Header | None, data: bytes | None, limit: int) -> bytes | UnreadableError:
    if header is None:
        return UnreadableError(path, f"missing from the clone, {_FETCH_HINT}")
    if not _is_blob(header):
        return UnreadableError(path, f"not a regular file: its object is a {header.kind}")
    if header.size > limit:
        return UnreadableError(path, beneath.too_large(limit))
    if data is None:
        return UnreadableError(path, f"its content does not match its hash {header.id}")
    return data


def _entries(data: bytes, id_size: int, tree: str) -> list[Entry]:
    """Read a tree object: `<mode> <name> NUL <id>`, one after the other."""
    found = []
    names = set()
    position = 0
    while position < len(data):
        space = data.find(b" ", position, position + 8)
        end = data.find(b"\0", space + 1)
        stop = end + 1 + id_size
        if space < 0 or end < 0 or stop > len(data):
            raise TargetError(f"malformed tree {tree}: it is cut off")
        name = data[space + 1 : end]
        kind = _KINDS.get(_mode(data[position:space]) >> 12)
        if kind is None or name in (b"", b".", b"..") or b"/" in name or name.lower() == b".git" or name in names:
            raise TargetError(f"malformed tree {tree}: it has the entry {name[:80]!r}")
        names.add(name)
        found.append(Entry(name.decode("utf-8", "surrogateescape"), kind, data[end + 1 : stop].hex()))
        position = stop
    return found


def _mode(digits: bytes) -> int:
    try:
        return int(digits, 8) if digits.isdigit() else 0
    except ValueError:
        return 0
