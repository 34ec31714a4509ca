from __future__ import annotations

import pytest

from pytest_mens.views import extension_guards, rust

CONDITIONAL = ("ensure", "assert", "assert_ne")


def refused(body: str, rest: str = "", helpers: dict[str, bool] | None = None) -> str:
    """Give the text of the branches that run for a `.bin` file."""
    file = rust.parse(f"fn f(ext: &str) -> Result<()> {{ {body} }}\n{rest}")
    function = next(function for function in rust.functions(file) if function.name == "f")
    found = extension_guards.branches(function, "bin", CONDITIONAL, helpers or {})
    return " ".join(file.text_of(node) for node in found)


@pytest.mark.parametrize(
    "body",
    [
        'if ext == "bin" { no(); }',
        'if ext != "bin" { yes(); } else { no(); }',
        'if ext != "bin" { return Ok(()); } no();',
        'if let Some("bin") = ext { no(); }',
        'if path.ends_with(".bin") { no(); }',
        'match ext { "bin" => no(), _ => yes() }',
        'match ext { Some(e) if e == "bin" => no(), _ => yes() }',
        'match ext == "bin" { true => no(), false => yes() }',
        'match ext != "bin" { true => yes(), false => no() }',
        'let bad = ext == "bin"; if bad { no(); }',
        'let good = ext != "bin"; if !good { no(); }',
        'let good = ext != "bin"; if good { yes(); } else { no(); }',
        'let bad = ext == "bin"; let refuse = bad && !force; if refuse { no(); }',
        'ensure!(ext != "bin", no());',
        'ensure!(!matches!(ext, "bin"), no());',
        'let bad = ext == "bin"; ensure!(!bad, no());',
        'let good = ext != "bin"; ensure!(good, no());',
        'assert_ne!(ext, "bin", no());',
        'path.extension().filter(|e| *e != "bin").ok_or_else(|| no())?;',
        '(ext != "bin").then_some(()).context(no())?;',
    ],
)
def test_branches_that_run_for_the_extension(body: str) -> None:
    found = refused(body)
    assert "no()" in found
    assert "yes()" not in found


@pytest.mark.parametrize(
    "body",
    [
        'if ext != "bin" { yes(); }',
        'if ext == "pt" { yes(); }',
        'match ext { "pt" => yes(), _ => no() }',
        'match ext { Some(e) if e != "bin" => yes(), _ => no() }',
        'ensure!(ext == "bin", yes());',
        'let bad = ext == "bin"; ensure!(bad, yes());',
        'log!(ext, "bin", yes());',
        'if root.join("bin").exists() { yes(); }',
        'path.extension().filter(|e| *e == "bin").ok_or_else(|| yes())?;',
        'path.with_extension("bin").metadata().context(yes())?;',
    ],
)
def test_branches_for_other_files(body: str) -> None:
    assert not refused(body)


def test_helpers_tell_by_what_they_return() -> None:
    assert "no()" in refused("if old() { no(); }", 'fn old() -> bool { ext == "bin" }')
    assert "no()" in refused("if !new() { no(); }", 'fn new() -> bool { ext != "bin" }')
    assert "no()" in refused("if EXT == ext { no(); }", 'const EXT: &str = "bin";')
    assert "no()" in refused("if far() { no(); }", helpers={"far": False})
    assert "no()" in refused("if !far() { no(); }", helpers={"far": True})
    assert not refused("if far() { yes(); }", helpers={"far": True})
