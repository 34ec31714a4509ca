from __future__ import annotations

import pytest

from pytest_mens.views import absence, rust

TESTS = absence.Tests(("is_file", "exists"), ("is_empty", "is_none"), ("mode",))


def judged(body: str, rest: str = "") -> bool:
    """Tell whether `place()` in a function's body is only reached when a test failed."""
    file = rust.parse(f"fn f(p: &Path) -> Result<()> {{ {body} }}\n{rest}")
    place = next(call.name_node for call in rust.calls(file) if call.name == "place")
    return absence.in_failing_branch(file, place, TESTS)


@pytest.mark.parametrize(
    "body",
    [
        "if !p.is_file() { place(); }",
        "if p.is_file() {} else { place(); }",
        "if p.is_file() == false { place(); }",
        "if let None = p.first() { place(); }",
        "if let Some(p) = p.first() {} else { place(); }",
        "let Some(p) = p.first() else { place(); };",
        "p.first().ok_or_else(|| place());",
        "match p.is_file() { true => {} false => place() }",
        "match (p.is_file(), q) { (false, _) => place(), _ => {} }",
        "match p.first() { Some(p) if !p.is_file() => place(), _ => {} }",
        "if !paths.iter().all(Path::is_file) { place(); }",
        # variables
        "let there = p.is_file(); if !there { place(); }",
        "let gone = !p.is_file(); let strict = q; if strict && gone { place(); }",
        "let there = p.is_file(); let ok = there || lax; if !ok { place(); }",
        "let (there, more) = (p.is_file(), q); if !there { place(); }",
        "let mut there = p.is_file(); if there != true { place(); }",
        # what was picked or counted
        "let gone: Vec<_> = paths.filter(|p| !p.is_file()).collect(); if !gone.is_empty() { place(); }",
        "let gone: Vec<_> = paths.filter(|p| !p.is_file()).collect(); if gone.len() > 0 { place(); }",
        "let gone: Vec<_> = paths.filter(|p| !p.is_file()).collect(); if let Some(p) = gone.first() { place(); }",
        "let gone: Vec<_> = paths.filter(|p| !p.is_file()).collect(); for p in &gone { place(); }",
        "let gone = paths.filter(|p| !p.is_file()).count(); if gone > 0 { place(); }",
        "if let Some(p) = paths.iter().find(|p| !p.is_file()) { place(); }",
        # an early way out
        "if p.is_file() { return Ok(()); } place();",
        "for p in paths { if p.is_file() { continue; }\n // gone\n return place(); }",
    ],
)
def test_a_branch_that_a_failed_test_leads_into(body: str) -> None:
    assert judged(body)


@pytest.mark.parametrize(
    "body",
    [
        "if p.is_file() { place(); }",
        "if !p.is_file() {} else { place(); }",
        "if let Some(p) = p.first() { place(); }",
        "if let Ok(p) = read(p) {} else { place(); }",
        "match p.is_file() { true => place(), false => {} }",
        "match (p.is_file(), q) { (true, _) => place(), _ => {} }",
        "match p.first() { Some(p) if p.is_file() => place(), _ => {} }",
        "let there = p.is_file(); if there && q { place(); }",
        "let (more, there) = (q, p.is_file()); if !more { place(); }",
        "let gone = paths.filter(|p| !p.is_file()).count(); if gone == 0 { place(); }",
        "let gone: Vec<_> = paths.filter(|p| !p.is_file()).collect(); if gone.is_empty() { place(); }",
        "let wide = p.cols() > 3; if !wide { place(); }",
        "if p.is_file() { count += 1; } place();",
        "if p.is_file() { return Ok(()); } let rows = read(q); place();",
        "if !p.is_file() { return Ok(()); } place();",
    ],
)
def test_a_branch_for_what_is_there_or_for_something_else(body: str) -> None:
    assert not judged(body)


def test_a_helper_of_one_expression_is_followed() -> None:
    assert judged("if !there(p) { place(); }", "fn there(p: &Path) -> bool { p.is_file() }")
    assert judged("if gone(p) { place(); }", "fn gone(p: &Path) -> bool { !p.is_file() }")
    assert not judged("if there(p) { place(); }", "fn there(p: &Path) -> bool { p.is_file() }")
    assert not judged(
        "if !fits(p) { place(); }", "fn fits(p: &[u8]) -> bool { if p.is_empty() { return true; } p[0] == 1 }"
    )


@pytest.mark.parametrize(
    ("body", "demanded"),
    [
        ("ensure!(p.is_file(), x);", True),
        ("ensure!(!p.is_empty(), x);", True),
        ("ensure!(mode == Mode::A, x);", True),
        ("let there = p.is_file(); ensure!(there, x);", True),
        ("let gone = !p.is_file(); ensure!(!gone, x);", True),
        ("let there = p.is_file(); ensure!(lax || there, x);", True),
        ("ensure!(there(p), x);", True),
        ("ensure!(!p.is_file(), x);", False),
        ("let gone = !p.is_file(); ensure!(gone, x);", False),
        ("let rows = p.rows(); ensure!(rows, x);", False),
        ("let there = p.is_file(); ensure!(p.there == 1, x);", False),
    ],
)
def test_what_a_macro_demands(body: str, *, demanded: bool) -> None:
    file = rust.parse(f"fn f(p: &Path) {{ {body} }}\nfn there(p: &Path) -> bool {{ p.is_file() }}\n")
    macro = next(rust.macro_calls(file))
    assert absence.demands_presence(file, macro.name_node, TESTS) is demanded
