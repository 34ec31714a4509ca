from __future__ import annotations

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import cargo, cfg
from pytest_mens.views.exports import Exports

FILES = {
    "Cargo.toml": '[package]\nname = "lib"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/lib.rs": """
use anyhow::anyhow;
use a::b;
use b::a;
#[cfg(one)]
pub mod open;
mod hidden;
pub use hidden::deep::Thing;
#[cfg(two)]
pub use hidden::deep::Thing as Renamed;
#[cfg(three)]
pub use hidden::deep::*;
#[cfg(four)]
pub use serde;
#[cfg(five)]
pub fn twice() {}
#[cfg(not(five))]
pub fn twice() {}
#[cfg(six)]
fn private() {}
pub mod inline {
    #![cfg(seven)]
    #[cfg(eight)]
    pub enum Choice { One }
    pub use super::open::*;
    pub use self::Choice::One;
}
pub use inline::inline as loops;
pub use looped::*;
pub mod looped { pub use super::*; }
""",
    "src/open.rs": "#![cfg(nine)]\npub struct Item;\n",
    "src/hidden/mod.rs": "#[cfg(ten)]\npub mod deep;\n",
    "src/hidden/deep.rs": "pub struct Thing;\n#[cfg(eleven)]\npub const LIMIT: u8 = 1;\n",
}


@pytest.fixture
def exports(tmp_path):
    for path, text in FILES.items():
        full = tmp_path / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, "utf-8")
    target = Target(WorkingTree(tmp_path, "tree"))
    return Exports(target, cargo.workspace(target).packages["lib"])


@pytest.mark.parametrize(
    ("path", "condition"),
    [
        ("open", "all(one, nine)"),
        ("open::Item", "all(one, nine)"),
        ("open::Item::new", "all(one, nine)"),
        ("Thing", "ten"),
        ("Renamed", "all(two, ten)"),
        ("LIMIT", "all(three, ten, eleven)"),
        ("serde::Serialize", "four"),
        ("twice", "any(five, not(five))"),
        ("inline::Choice::One", "all(seven, eight)"),
        ("inline::One", "all(seven, eight)"),
        ("inline::Item", "all(seven, one, nine)"),
        ("private", "six"),
        ("anyhow", "all()"),
        ("looped::twice", "any(five, not(five))"),
        ("missing", None),
        ("a::circle", "all()"),
        ("open::Missing", "all(one, nine)"),
    ],
)
def test_conditions(exports, path, condition):
    found = exports.condition(tuple(path.split("::")))
    assert (None if found is None else cfg.show(found)) == condition


def test_paths_are_resolved_where_they_stand(exports):
    assert exports.absolute(("super", "open"), ("inline",)) == ("open",)
    assert exports.absolute(("self", "Choice"), ("inline",)) == ("inline", "Choice")
    assert exports.absolute(("crate", "open", "Item"), ("inline",)) == ("open", "Item")
    assert exports.absolute(("Choice", "One"), ("inline",)) == ("inline", "Choice", "One")
    assert exports.absolute(("std", "fs"), ("inline",)) is None
    assert exports.absolute(("super", "super", "x"), ("inline",)) is None


def test_modules_are_told_from_other_names(exports):
    assert exports.module_of(("hidden", "deep")) == ("hidden", "deep")
    assert exports.module_of(()) == ()
    assert exports.module_of(("Thing",)) is None
    assert exports.module_of(("loops",)) is None
