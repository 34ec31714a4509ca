from __future__ import annotations

import pytest

from pytest_mens.model import UnreadableError
from pytest_mens.views import cfg, dominance, rust

FLAG = dominance.place_atom("self.flag")


def walk(body: str, before: str = "") -> dominance.Walk:
    file = rust.parse(f"impl X {{ {before} fn f(&self) -> Y {{ {body} }} }}")
    functions = {function.name: function for function in rust.functions(file)}
    return dominance.walk_function(
        functions["f"],
        ("self",),
        lambda place: place.endswith(".flag"),
        dominance.Guards(),
        resolve=functions.get,
    )


@pytest.mark.parametrize(
    "body",
    [
        'assert!(!self.flag, "no"); y',
        "assert_eq!(self.flag, false); y",
        "assert_ne!(true, self.flag); y",
        "anyhow::ensure!(!(self.flag)); y",
        "if self.flag { panic!() } y",
        "if self.flag { return Err(e); } y",
        'if self.flag { bail!("no") } else { y }',
        "if self.flag || other() { unreachable!() } y",
        "let flag = self.flag; let bad = flag || x; if bad { todo!() } y",
        "let Self { flag, .. } = self; if *flag { panic!() } y",
        "let Self { flag: f, .. } = self; assert!(!f); y",
        "match self.flag { true => panic!(), false => {} } y",
        "match self.flag { true => panic!(), _ => y }",
        "match (self.flag, 1) { (true, _) => panic!(), _ => y }",
        "match self { Self { flag: true, .. } => panic!(), _ => y }",
        "match self.kind() { _ if self.flag => panic!(), _ => y }",
        "if !self.flag { return y; } panic!()",
        "let ok = !self.flag; ok.then(|| y)",
        "(!self.flag).then_some(y)",
        "assert!(!self.flag && other()); y",
        "self.flag && panic!(); y",
        "let me = self.clone(); assert!(!me.flag); y",
        "for part in self.iter() { assert!(!part.flag); } y",
        "assert!(self.iter().all(|part| !part.flag)); y",
        "if self.iter().any(|part| part.flag) { panic!() } y",
        "if let true = self.flag { panic!() } y",
        "let false = self.flag else { panic!() }; y",
        "if matches!(self.flag, true) { panic!() } y",
        "unsafe { assert!(!self.flag); } y",
        "if self.flag { std::process::exit(1); } y",
        "assert!(self.flag == false); y",
        "if self.rotates() { panic!() } y",
    ],
)
def test_guarded(body: str) -> None:
    found = walk(body, "fn rotates(&self) -> bool { self.flag }")
    values = [leaving for leaving in found.exits if leaving.value is not None]
    text = found.function.file.text_of
    kept = [leaving for leaving in values if not text(leaving.node).startswith("Err")]
    assert kept or "then" in body
    assert all(cfg.implies(leaving.holds, cfg.Not(FLAG)) for leaving in kept)


@pytest.mark.parametrize(
    "body",
    [
        "y",
        "debug_assert!(!self.flag); y",
        "#[cfg(debug_assertions)] assert!(!self.flag); y",
        '#[cfg(feature = "strict")] { assert!(!self.flag); } y',
        "assert!(self.flag); y",
        "if !self.flag { panic!() } y",
        'if self.flag { warn!("no"); } y',
        "if self.flag && other() { panic!() } y",
        "if cfg!(debug_assertions) && self.flag { panic!() } y",
        "assert!(!self.flag || other()); y",
        "if other() { return y; } assert!(!self.flag); y",
        "let mut me = self.clone(); me.flag = false; assert!(!me.flag); y",
        "let me = Self { flag: false, ..self.clone() }; assert!(!me.flag); y",
        "if other() { assert!(!self.flag); } y",
        "let check = || assert!(!self.flag); y",
        "while other() { assert!(!self.flag); } y",
        "match self.kind() { Kind::A { .. } => panic!(), _ => y }",
        "match self.kind() { A => panic!(), _ => y }",
        "assert!(!other.flag); y",
        '/* assert!(!self.flag); */ let _ = "assert!(!self.flag)"; y',
        "for part in self.iter() { if part.skip { continue; } assert!(!part.flag); } y",
    ],
)
def test_not_guarded(body: str) -> None:
    found = walk(body)
    assert not found.implied(cfg.Not(FLAG))


def test_calls_know_what_holds() -> None:
    found = walk("self.before(); assert!(!self.flag); (|| self.after())(); y")
    holds = {found.function.file.text_of(point.node): point.holds for point in found.calls}
    assert not cfg.implies(holds["self.before()"], cfg.Not(FLAG))
    assert cfg.implies(holds["self.after()"], cfg.Not(FLAG))


def test_an_error_in_the_body_is_reported() -> None:
    with pytest.raises(UnreadableError):
        walk("let = 1; y")
