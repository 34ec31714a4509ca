"""The one place that talks to git: plumbing commands against a directory of ours, with the target's objects alone.

The git directory that git sees is made here, empty, with our configuration; its only tie to the target is
`GIT_OBJECT_DIRECTORY`. So nothing that the target's configuration, attributes, hooks, replace refs or index name is
ever looked at. Every call has a deadline and every object is checked against its id, which git itself does not do.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from pytest_mens.target.errors import TargetError, visible
from pytest_mens.target.ids import object_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.target.repository import Repository

GIT_SECONDS = 20
"""How long one question to git may take."""
_AT_ONCE = 200
"""Questions sent before their answers are read: few enough to fit into the buffer of a pipe."""
_MEMORY = 768 * 1024 * 1024
"""Bytes of memory that git may use: a small object may be stored as a difference to a huge one."""
_STDERR_LIMIT = 300
_LINE_LIMIT = 4096
_ID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")
_CONFIG = """\
[core]
\trepositoryformatversion = 1
\tbare = true
\tcommitGraph = false
\tmultiPackIndex = false
"""
_SHA256 = "[extensions]\n\tobjectFormat = sha256\n"


class GitError(Exception):
    """git failed, took too long or gave an answer that makes no sense; one line."""


class Header(NamedTuple):
    """What an object is before it is read."""

    id: str
    kind: str
    size: int


class Git:
    """git on the object store of one repository."""

    def __init__(self, repository: Repository, target: Path) -> None:
        self._command = [_find_git(target), "--no-pager"]
        self._folder = _shadow(repository, target)
        self._environment = _environment(self._folder, os.fspath(repository.objects))
        self._running: dict[str, _Batch] = {}
        weakref.finalize(self, _clean_up, self._folder, self._running)

    def headers(self, names: Sequence[str]) -> list[Header | None]:
        """Give id, kind and size of objects named by hexadecimal ids (with steps); None for one that is not there."""
        found: list[Header | None] = []
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            with self._asking("--batch-check", some) as batch:
                found.extend(_header(batch.line()) for _ in some)
        return found

    def contents(self, headers: Sequence[Header]) -> list[bytes | None]:
        """Give the content of objects whose size was judged before; None for one that does not match its id."""
        found: list[bytes | None] = []
        for start in range(0, len(headers), _AT_ONCE):
            some = headers[start : start + _AT_ONCE]
            with self._asking("--batch", [header.id for header in some]) as batch:
                for header in some:
                    if _header(batch.line()) != header:
                        raise GitError(f"git gave another answer about {header.id} than before")
                    data = batch.take(header.size + 1)[:-1]
                    found.append(data if object_id(header.kind, data, len(header.id)) == header.id else None)
        return found

    def merge_base(self, one: str, other: str) -> str | None:
        """Give the best common ancestor of two commits, or None when there is none; raise GitError."""
        command = [*self._command, "merge-base", one, other]
        with self._start(command, subprocess.DEVNULL) as process:
            try:
                output, errors = process.communicate(timeout=GIT_SECONDS)
            except subprocess.TimeoutExpired:
                _kill(process)
                raise GitError(f"git took longer than {GIT_SECONDS} seconds to find the merge base") from None
        text = output.decode("ascii", "replace").strip()
        if process.returncode == 1 and not text:
            return None
        if process.returncode != 0 or not _ID.fullmatch(text):
            raise GitError(_first_line(errors) or f"git merge-base ended with status {process.returncode}")
        return text

    @contextlib.contextmanager
    def _asking(self, mode: str, names: Sequence[str]) -> Iterator[_Batch]:
        """Ask a running git; one whose answers were not all taken, for whatever reason, is not asked again."""
        batch = self._running.get(mode)
        if batch is None:
            batch = self._running[mode] = _Batch(self._start([*self._command, "cat-file", mode], subprocess.PIPE))
        try:
            batch.send(names)
            yield batch
        except BaseException:
            batch.kill()
            del self._running[mode]
            raise

    def _start(self, command: list[str], stdin: int) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(  # noqa: S603 - an absolute path, no shell, arguments are flags and hex ids of ours
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._folder,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as error:
            raise GitError(f"git cannot be started: {error.strerror}") from None
        if hasattr(resource, "prlimit"):  # Linux; elsewhere the deadline alone bounds what a forged pack can cost
            with contextlib.suppress(OSError):
                resource.prlimit(process.pid, resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        return process


class _Batch:
    """A `git cat-file` that answers line by line; every answer has a deadline."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise GitError("git was started without pipes")
        self._process = process
        self._input, self._output, self._errors = process.stdin, process.stdout, process.stderr
        self._buffer = bytearray()
        self._said = b""
        self._errors_ended = False
        self._deadline = 0.0

    def send(self, names: Sequence[str]) -> None:
        """Ask about some objects."""
        self._deadline = time.monotonic() + GIT_SECONDS
        try:
            self._input.write("".join(f"{name}\n" for name in names).encode("ascii"))
            self._input.flush()
        except OSError:
            self._fail("git ended before it was asked")

    def line(self) -> str:
        """Read one line of the answer."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LINE_LIMIT:
                self._fail("git gave an answer without an end of line")
            self._more()
        return self.take(end + 1)[:-1].decode("ascii", "replace")

    def take(self, size: int) -> bytes:
        """Read so many bytes of the answer."""
        while len(self._buffer) < size:
            self._more()
        data = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return data

    def kill(self) -> None:
        """End the process."""
        _kill(self._process)

    def _more(self) -> None:
        """Wait for more of the answer, and drain what git says on its error output meanwhile."""
        output, errors = self._output, self._errors
        poll = select.poll()
        poll.register(output, select.POLLIN)
        if not self._errors_ended:
            poll.register(errors, select.POLLIN)
        ready = dict(poll.poll(max(0.0, self._deadline - time.monotonic()) * 1000))
        if not ready:
            self._fail(f"git took longer than {GIT_SECONDS} seconds")
        if errors.fileno() in ready:
            said = os.read(errors.fileno(), 1 << 16)
            self._errors_ended = not said
            self._said = (self._said + said)[:_STDERR_LIMIT]
        if output.fileno() in ready:
            part = os.read(output.fileno(), 1 << 20)
            if not part:
                self._fail("git ended in the middle of an answer")
            self._buffer += part

    def _fail(self, what: str) -> NoReturn:
        raise GitError(_first_line(self._said) or what)


def _header(line: str) -> Header | None:
    """Read `<id> <kind> <size>`, or `<name> missing` and its like."""
    parts = line.split(" ")
    if len(parts) == 3 and _ID.fullmatch(parts[0]) and parts[2].isdecimal():
        return Header(parts[0], parts[1], int(parts[2]))
    if parts[-1] in ("missing", "ambiguous"):
        return None
    raise GitError(f"git gave an answer that is not understood: {visible(line[:80])}")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process with its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _clean_up(folder: str, running: dict[str, _Batch]) -> None:
    for batch in running.values():
        batch.kill()
    shutil.rmtree(folder, ignore_errors=True)


def _first_line(said: bytes) -> str:
    """Give the first line of git's error output, shortened and safe to show."""
    return visible(said.decode("utf-8", "replace").partition("\n")[0][:_STDERR_LIMIT]).strip()


def _find_git(target: Path) -> str:
    """Find git by an absolute path in an absolute directory of PATH that is not inside the target."""
    for folder in map(Path, os.environ.get("PATH", os.defpath).split(os.pathsep)):
        program = folder / "git"
        if not folder.is_absolute() or _inside(folder, target) or _inside(program, target):
            continue
        if program.is_file() and os.access(program, os.X_OK):
            return os.fspath(program)
    raise TargetError("git was not found in PATH: it is needed to read revisions")


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _shadow(repository: Repository, target: Path) -> str:
    """Make the git directory that git gets to see. HEAD is unborn, so that no attributes of a commit are read."""
    place = Path(tempfile.gettempdir())
    if _inside(place, target):
        raise TargetError(f"the directory for temporary files, {place}, lies inside the target; set TMPDIR")
    try:
        folder = Path(tempfile.mkdtemp(prefix="pytest-mens-"))
    except OSError as error:
        raise TargetError(f"no temporary directory can be made to read revisions: {error.strerror}") from None
    try:
        (folder / "refs").mkdir()
        (folder / "objects").mkdir()
        (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        config = _CONFIG + (_SHA256 if repository.object_format == "sha256" else "")
        (folder / "config").write_text(config, encoding="ascii")
        if repository.shallow:
            (folder / "shallow").write_bytes(repository.shallow)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise TargetError(f"the temporary directory {folder} cannot be written: {error.strerror}") from None
    return os.fspath(folder)


def _environment(folder: str, objects: str) -> dict[str, str]:
    """Give the complete environment of git; nothing is inherited."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": folder,
        "LC_ALL": "C",
        "GIT_DIR": folder,
        "GIT_OBJECT_DIRECTORY": objects,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
    }
