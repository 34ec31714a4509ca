"""Findings as blocks in the manner of rustc, in the representation that pytest's reports are made of.

Every finding is one ReprEntry with its own file location: xdist carries these without loss, and each --tb style
shows them. See "Reporting" in docs/design.md.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from _pytest._code.code import (  # pytest has no public name for these
    ReprEntry,
    ReprEntryNative,
    ReprExceptionInfo,
    ReprFileLocation,
    ReprTraceback,
)

from pytest_mens import judge
from pytest_mens.model import UnreadableError
from pytest_mens.report.text import MAX_FINDINGS, MAX_RELATED, clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mens.model import Entry, Finding
    from pytest_mens.target import Target

_SOURCE_WIDTH = 160
"""Characters of a source line that are shown."""
_ENTRY_SIZE = 64_000
"""Characters that the findings of one entry may take, so that a flood of them does not drown a log."""
_MARKER = "E   "
_PACKAGE = Path(judge.__file__).parent


class Places:
    """How paths of one target are shown: relative to where pytest was started, or as `revision:path`."""

    def __init__(self, target: Target, root: Path | None, invocation_dir: Path) -> None:
        self._target = target
        self._prefix = f"{target.tree.label}:"
        if root is not None:
            relative = os.path.relpath(root, invocation_dir).replace(os.sep, "/")
            self._prefix = "" if relative == "." else relative + "/"

    def path(self, path: str) -> str:
        """Give `path` as it is shown."""
        return clean_line(self._prefix + path) if path != "." else clean_line(self._prefix.rstrip("/:") or ".")

    def source_line(self, path: str, line: int) -> str | None:
        """Give the text of a line the entry has read, or None."""
        try:
            lines = self._target.text(path).split("\n")
        except UnreadableError:
            return None
        return lines[line - 1] if 0 < line <= len(lines) else None


def summary(findings: Sequence[Finding], places: Places) -> str:
    """Give one line: the first finding, and how many more there are."""
    more = f" (+{len(findings) - 1} more)" if len(findings) > 1 else ""
    return _line(findings[0], places) + more


def _line(finding: Finding, places: Places) -> str:
    return f"{places.path(finding.path)}:{finding.line}:{finding.column}: {clean_line(finding.message)}"


def represent(entry: Entry, findings: Sequence[Finding], places: Places, style: str) -> ReprExceptionInfo:
    """Give the failure of `entry` as pytest represents failures, in the `--tb` style asked for."""
    entries: list[ReprEntry | ReprEntryNative] = []
    size = 0
    for finding in findings[:MAX_FINDINGS]:
        lines = _shown(entry, finding, places, style)
        size += sum(map(len, lines))
        if entries and size > _ENTRY_SIZE:
            break
        if style in {"line", "native"}:
            entries.append(ReprEntryNative([f"{line.removeprefix(_MARKER)}\n" for line in lines]))
            continue
        location = ReprFileLocation(places.path(finding.path), finding.line, clean_line(entry.id))
        shape: Literal["short", "long"] = "short" if style == "short" else "long"
        entries.append(ReprEntry(lines, None, None, location, shape))
    extra = f"... and {len(findings) - len(entries)} more" if len(findings) > len(entries) else None
    first = findings[0]
    return ReprExceptionInfo(
        reprtraceback=ReprTraceback(entries, extra, style="long"),
        reprcrash=ReprFileLocation(places.path(first.path), first.line, summary(findings, places)),
    )


def _shown(entry: Entry, finding: Finding, places: Places, style: str) -> list[str]:
    return [_line(finding, places)] if style == "line" else _block(entry, finding, places, brief=style == "short")


def _block(entry: Entry, finding: Finding, places: Places, *, brief: bool) -> list[str]:
    at = f"{places.path(finding.path)}:{finding.line}:{finding.column}"
    width = len(str(finding.line))
    gutter = " " * width
    lines = [f"{finding.level}[{entry.id}]: {clean_line(finding.message)}", f"{gutter}--> {at}"]
    source = None if finding.path == "." else places.source_line(finding.path, finding.line)
    if source is not None:
        text, caret = _excerpt(source, finding)
        lines += [f"{gutter} |", f"{finding.line} | {text}", f"{gutter} | {caret}"]
    if finding.help:
        lines.append(f"{gutter} = help: {clean_line(finding.help)}")
    if not brief:
        lines += [
            f"{gutter} = see: {places.path(other.path)}:{other.line}:{other.column}: {clean_line(other.message)}"
            for other in finding.related[:MAX_RELATED]
        ]
        if len(finding.related) > MAX_RELATED:
            lines.append(f"{gutter} = see: ... and {len(finding.related) - MAX_RELATED} more places")
    return [_MARKER + line for line in lines]


def _excerpt(source: str, finding: Finding) -> tuple[str, str]:
    """Give the part of the line around the column, and the carets below it."""
    start = max(0, finding.column - 1)
    stop = len(source)
    if finding.end is not None:
        stop = finding.end[1] - 1 if finding.end[0] == finding.line else stop
    else:
        stop = start + 1
    offset = max(0, start - _SOURCE_WIDTH // 2) if len(source) > _SOURCE_WIDTH else 0
    window = source[offset : offset + _SOURCE_WIDTH]
    before = clean_line(window[: start - offset])
    marked = clean_line(window[start - offset : max(stop, start + 1) - offset])
    return clean_line(before + marked + clean_line(window[max(stop, start + 1) - offset :])), " " * len(
        before
    ) + "^" * max(1, len(marked))


def crash(entry: Entry, error: Exception, *, debug: bool) -> str:
    """Give one line about a defect of ours: the entry, the exception and our own place; with `debug` the traceback."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != judge.__file__]
    checker_file = getattr(getattr(entry.check, "__code__", None), "co_filename", "")
    own = [frame for frame in frames if frame.filename == checker_file or _PACKAGE in Path(frame.filename).parents]
    inner = (own or frames)[-1:]
    place = f"{_short(inner[0].filename)}:{inner[0].lineno}" if inner else "unknown place"
    what = clean_line(f"{type(error).__name__}: {error}")
    line = f"crash of the checker {entry.checker!r} on [{entry.id}], a defect of ours: {what} ({place})"
    if not debug:
        return f"{line}; --mens-debug shows the traceback"
    listed = "".join(traceback.format_list(frames))
    return "\n".join(clean_line(text, 2000) for text in [line, *listed.splitlines()])


def _short(filename: str) -> str:
    path = Path(filename)
    return path.relative_to(_PACKAGE.parent).as_posix() if _PACKAGE in path.parents else path.name
