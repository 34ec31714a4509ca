"""SARIF 2.1.0, as code scanning services read it.

Source: OASIS Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_mens.report.text import MAX_FINDINGS, MAX_RELATED, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mens.model import Entry, Finding
    from pytest_mens.target import Target

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def results(entry: Entry, findings: Sequence[Finding], target: Target) -> list[dict[str, Any]]:
    """Give one result per finding or note; plain strings and numbers only, so that a worker can send them."""
    seen: dict[str, int] = {}
    rows = []
    for finding in findings[:MAX_FINDINGS]:
        text = _line_text(target, finding)
        ordinal = seen[text] = seen.get(text, -1) + 1
        rows.append(_result(entry, finding, f"{text}\0{ordinal}"))
    return rows


def _result(entry: Entry, finding: Finding, fingerprint: str) -> dict[str, Any]:
    # A consumer that counts results of kind "fail" must not count notes.
    kind, level = ("fail", "error") if finding.level == "error" else ("informational", "note")
    message = clean_line(finding.message)
    if finding.help:
        message += f"\nHelp: {clean_line(finding.help)}"
    row: dict[str, Any] = {
        "ruleId": entry.id,
        "kind": kind,
        "level": level,
        "message": {"text": message},
        "locations": [{"physicalLocation": _place(finding.path, finding.line, finding.column, finding.end)}],
        "partialFingerprints": {"mensFinding/v1": hashlib.sha256(fingerprint.encode("utf-8", "replace")).hexdigest()},
    }
    if finding.related:
        row["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _place(other.path, other.line, other.column, None),
                "message": {"text": clean_line(other.message)},
            }
            for number, other in enumerate(finding.related[:MAX_RELATED])
        ]
    return row


def _place(path: str, line: int, column: int, end: tuple[int, int] | None) -> dict[str, Any]:
    region = {"startLine": line, "startColumn": column}
    if end is not None:
        region |= {"endLine": end[0], "endColumn": end[1]}
    uri = quote(clean_line(path, limit=4096), safe="/._-~+@,=")
    return {"artifactLocation": {"uri": uri, "uriBaseId": "TARGET"}, "region": region}


def _line_text(target: Target, finding: Finding) -> str:
    """Give what identifies a finding when lines shift: entry, path and the text of its line without white space."""
    from pytest_mens.model import UnreadableError

    try:
        lines = target.text(finding.path).split("\n")
        line = lines[finding.line - 1] if finding.line <= len(lines) else ""
    except UnreadableError:
        line = finding.message
    return f"{finding.path}\0{''.join(line.split())}"


def run(
    entries: Iterable[Entry], rows: Iterable[dict[str, Any]], version: str, properties: dict[str, str]
) -> dict[str, Any]:
    """Give one run: every collected entry as a rule, every result."""
    rules = {
        entry.id: {
            "id": entry.id,
            "name": "".join(word.capitalize() for word in entry.id.split("-")),
            "shortDescription": {"text": entry.title},
            "fullDescription": {"text": entry.rule},
            "help": {"text": entry.rule},
            "properties": {"section": entry.section, "checker": entry.checker},
        }
        for entry in entries
    }
    index = {id_: number for number, id_ in enumerate(rules)}
    return {
        "tool": {"driver": {"name": "pytest-mens", "semanticVersion": version, "rules": list(rules.values())}},
        "columnKind": "unicodeCodePoints",
        "results": [row | {"ruleIndex": index[row["ruleId"]]} for row in rows],
        "properties": properties,
    }


def write(path: Path, runs: list[dict[str, Any]]) -> None:
    """Write the log whole or not at all. Raise OSError."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(log, out, indent=1, ensure_ascii=False)
            out.write("\n")
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
