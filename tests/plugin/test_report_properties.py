"""Whatever text a target holds: what is shown of it is safe, and its reports reach the controller of xdist."""

from __future__ import annotations

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import execnet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mens.model import Entry, Finding, Related
from pytest_mens.report import sarif, terminal
from pytest_mens.report.text import MAX_LENGTH, clean, clean_line
from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
ANY = st.characters(exclude_categories=())
COMMANDS = st.sampled_from(
    ["##[", "##vso[", "#", "::error::", "\r", "\x1b[2J", "\u202e", "\udcff", "\ud800", "\0", "]]>"]
)
TEXT = st.lists(ANY | COMMANDS, max_size=30).map("".join)
ENTRY = Entry("an-entry", "S", "T", "R", "checker", "fail", None, lambda *_: (), (), 1)


def assert_safe(text: str) -> None:
    text.encode("utf-8")
    assert not {c for c in text if unicodedata.category(c) in HIDDEN} - {"\t", "\n"}
    assert "##[" not in text
    assert "##vso[" not in text
    ET.fromstring("<x>" + text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "</x>")
    execnet.dumps(text)


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_clean_text_is_safe_and_stays_as_it_is(text: str) -> None:
    shown = clean(text)
    assert_safe(shown)
    assert clean(shown) == shown
    line = clean_line(text)
    assert_safe(line)
    assert clean_line(line) == line
    assert len(line) <= MAX_LENGTH
    assert "\n" not in line


@given(st.binary(max_size=40))
def test_any_file_name_can_be_shown(name: bytes) -> None:
    assert_safe(clean_line(name.decode("utf-8", "surrogateescape")))


@given(st.text(st.characters(exclude_categories=HIDDEN)))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert clean(text) == re.sub(r"##(?=\[|vso\[)", r"#\\#", text).replace("\ufffe", "\\ufffe").replace(
        "\uffff", "\\uffff"
    )


PLACES = st.tuples(st.integers(1, 5), st.integers(1, 40))
RELATED = st.builds(Related, TEXT, st.integers(1, 5), st.integers(1, 40), TEXT)
FINDINGS = st.builds(
    lambda path, message, place, end, help_, related: Finding(
        path, message, *place, end=end, help=help_, related=related
    ),
    TEXT, TEXT, PLACES, st.none() | PLACES, TEXT, st.lists(RELATED, max_size=3).map(tuple),
)  # fmt: skip


@pytest.mark.parametrize("style", ["long", "short", "line", "native", "auto"])
@given(findings=st.lists(FINDINGS, min_size=1, max_size=3), content=TEXT)
@settings(max_examples=50, deadline=None)
def test_any_finding_reaches_the_controller_and_is_shown_safely(
    style: str, findings: list[Finding], content: str
) -> None:
    data = content.encode("utf-8", "surrogatepass")
    target = Target(MemoryTree({finding.path: data for finding in findings}))
    places = terminal.Places(target, Path("/elsewhere/vox"), Path("/elsewhere/run"))
    report = pytest.TestReport(
        nodeid="mens::an-entry",
        location=("checks.toml", 0, "an-entry"),
        keywords={"an-entry": 1},
        outcome="failed",
        longrepr=terminal.represent(ENTRY, findings, places, style),
        when="call",
        user_properties=[("mens.finding", terminal.summary(findings, places))],
    )
    report.__dict__["mens_results"] = {"results": sarif.results(ENTRY, findings, target), "old": 0}
    sent = execnet.loads(execnet.dumps(report._to_json()))
    back = pytest.TestReport._from_json(sent)
    assert back.longreprtext == report.longreprtext
    assert back.__dict__["mens_results"] == report.__dict__["mens_results"]
    assert_safe(report.longreprtext)
    for line in report.longreprtext.splitlines():
        assert not line.lstrip().startswith("::")
    assert_safe(json.dumps(back.__dict__["mens_results"], ensure_ascii=False))
    assert_safe(terminal.summary(findings, places))


def test_a_flood_of_findings_stays_small() -> None:
    """All entries of a checklist such as the shipped one stay below 2 MB together; this is the worst of one."""
    long = "x" * 10_000
    findings = [
        Finding(long, long, help=long, related=tuple(Related(long, n, 1, long) for n in range(100))) for _ in range(200)
    ]
    places = terminal.Places(Target(MemoryTree({})), Path("/elsewhere/vox"), Path("/elsewhere/run"))
    shown = str(terminal.represent(ENTRY, findings[:2], places, "long"))
    assert "... and 90 more places" in shown
    assert len(str(terminal.represent(ENTRY, findings, places, "long"))) < 90_000
