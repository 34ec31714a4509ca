"""What a run shows and writes: blocks, summary, JUnit, SARIF; the same with workers."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

SCHEMA = Path(__file__).with_name("sarif-2.1.0-required.schema.json")


def test_block(run) -> None:
    result = run("--tb=long")
    result.stdout.fnmatch_lines(
        [
            "*_ no-tabs _*",
            "E   error[[]no-tabs[]]: *must not occur",
            "E    --> *elsewhere/repo/a.txt:2:6",
            "E     |",
            "E   2 |   two three",
            "E     |      ^",
            "E     = help: indent by spaces",
            "*elsewhere/repo/a.txt:2: no-tabs",
            "E   error[[]no-tabs[]]: *",
            "E    --> *elsewhere/repo/b.txt:1:1",
        ]
    )


@pytest.mark.parametrize("style", ["long", "short", "native"])
def test_every_finding_is_shown(run, style: str) -> None:
    text = run(f"--tb={style}").stdout.str()
    assert "a.txt:2:6" in text
    assert "b.txt:1:1" in text


def test_styles_without_blocks(run) -> None:
    assert "-->" not in run("--tb=no").stdout.str()
    text = run("--tb=line").stdout.str()
    assert "-->" not in text
    assert "a.txt:2: " in text


def test_skip_gives_the_reason(run) -> None:
    run("-rs").stdout.fnmatch_lines(["SKIPPED [[]1[]] *list.toml:*: no file matches '[*].log'"])


def junit(path: Path) -> list[str]:
    """Give the test cases without what differs between any two runs."""
    text = re.sub(r' (time|timestamp|hostname)="[^"]*"', "", path.read_text("utf-8"))
    return sorted(ET.tostring(case, "unicode") for case in ET.fromstring(text).iter("testcase"))


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_junit_is_the_same_with_workers(run, pytester: pytest.Pytester, family: str) -> None:
    run("--junitxml=one.xml", "-o", f"junit_family={family}")
    run("--junitxml=two.xml", "-o", f"junit_family={family}", "-n2")
    assert junit(pytester.path / "one.xml") == junit(pytester.path / "two.xml")
    tree = ET.parse(pytester.path / "one.xml")
    cases = {case.get("name"): case for case in tree.iter("testcase")}
    assert {case.get("classname") for case in cases.values()} == {"mens"}
    properties = [(p.get("name"), p.get("value")) for p in cases["no-tabs"].iter("property")]
    assert properties[:3] == [("mens.section", "house-style"), ("mens.checker", "pattern"), ("mens.target", "repo")]
    assert [value.split(": ")[0] for name, value in properties[3:]] == ["a.txt:2:6", "b.txt:1:1"]
    failure = cases["no-tabs"].find("failure")
    assert "b.txt:1:1" in failure.text


def test_sarif(run, pytester: pytest.Pytester) -> None:
    run("--mens-sarif=one.sarif")
    run("--mens-sarif=two.sarif", "-n2")
    one, two = (json.loads((pytester.path / name).read_text("utf-8")) for name in ("one.sarif", "two.sarif"))
    assert one == two
    (log,) = one["runs"]
    assert [rule["id"] for rule in log["tool"]["driver"]["rules"]] == ["no-tabs", "has-readme", "no-logs"]
    first, second = log["results"]
    assert (first["ruleId"], first["kind"], first["level"]) == ("no-tabs", "fail", "error")
    assert first["message"]["text"].endswith("Help: indent by spaces")
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a.txt"
    assert place["region"] == {"startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 7}
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b.txt"
    jsonschema.validate(one, json.loads(SCHEMA.read_text("utf-8")))


def test_sarif_fingerprints_survive_line_shifts(run, repo: Path, pytester: pytest.Pytester) -> None:
    run("--mens-sarif=one.sarif")
    (repo / "a.txt").write_text("zero\n" + (repo / "a.txt").read_text("utf-8"), "utf-8")
    run("--mens-sarif=two.sarif")
    one, two = (json.loads((pytester.path / name).read_text("utf-8")) for name in ("one.sarif", "two.sarif"))
    prints = [[r["partialFingerprints"] for r in log["runs"][0]["results"]] for log in (one, two)]
    assert prints[0] == prints[1]
    assert prints[0][0] != prints[0][1]


def test_sarif_is_whole_when_the_run_stops_early(run, pytester: pytest.Pytester) -> None:
    run("--mens-sarif=out.sarif", "-x")
    log = json.loads((pytester.path / "out.sarif").read_text("utf-8"))
    assert len(log["runs"][0]["results"]) == 2


def test_sarif_that_cannot_be_written_is_not_green(run, pytester: pytest.Pytester) -> None:
    (pytester.path / "taken").write_text("", "utf-8")
    result = run("--mens-sarif=taken/out.sarif", "mens::has-readme")
    assert result.ret == 3
    result.stdout.fnmatch_lines(["mens: cannot write *taken/out.sarif: *"])


def test_hostile_text_is_cleaned(run, repo: Path, pytester: pytest.Pytester) -> None:
    (repo / "a.txt").write_text("\t\x1b[2J\u202e##[error]x ::error::y\n", "utf-8")
    name = "b\udcff\x1b.txt"
    (repo / name).write_text("\tx\n", "utf-8")
    for arguments in ([], ["-n2"]):
        result = run("--junitxml=out.xml", "--mens-sarif=out.sarif", *arguments)
        assert result.ret == 1
        text = result.stdout.str() + (pytester.path / "out.xml").read_text("utf-8")
        text += (pytester.path / "out.sarif").read_text("utf-8")
        assert not {"\x1b", "\u202e"} & set(text)
        assert "##[" not in text
        assert "b\\xff\\x1b.txt" in text
        ET.parse(pytester.path / "out.xml")


def test_flood_is_counted(run, repo: Path) -> None:
    (repo / "a.txt").write_text("\t" * 3000 + "\n", "utf-8")
    result = run()
    result.stdout.fnmatch_lines(["*... and 2951 more*", "FAILED mens::no-tabs - *(+3000 more)"])
    assert len(result.stdout.str()) < 100_000


def test_github_annotations_point_at_the_target(run) -> None:
    result = run("--tb=line")
    result.stdout.re_match_lines([r".*elsewhere/repo/a\.txt:2: .*a\.txt:2:6: .*"])
