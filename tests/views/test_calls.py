from __future__ import annotations

from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import calls, cargo

MANIFEST = '[package]\nname = "{}"\nversion = "0.1.0"\nedition = "2021"\n'
LIB = """
pub struct Model { layers: Vec<Layer>, head: Option<Head> }
impl Model {
    pub fn new() -> Self { Self { layers: vec![Layer::new()], head: None } }
    pub fn run(&self) -> u8 {
        let mut sum = 0;
        for layer in &self.layers { sum += layer.run(); }
        self.layers.iter().map(|l| l.weight()).sum::<u8>();
        self.head.as_ref().unwrap().run() + free(sum)
    }
}
pub struct Layer;
impl Layer {
    pub fn new() -> Self { Layer }
    pub fn run(&self) -> u8 { 1 }
    pub fn weight(&self) -> u8 { 2 }
}
pub struct Head;
impl Head { pub fn run(&self) -> u8 { 3 } }
fn free(x: u8) -> u8 { x }
pub fn make() -> anyhow::Result<Model> { Ok(Model::new()) }
#[cfg(test)]
mod tests {
    use super::*;
    type M = Model;
    #[test]
    fn by_return_type() { let model = make().unwrap(); assert_eq!(model.run(), 4); }
    #[test]
    fn by_alias() { assert!(M::new().run() > 0); }
    #[test]
    fn unknown() { anything().run(); }
    #[test]
    fn only_one() { anything().weight(); }
}
"""


def graph(lib: str = LIB) -> calls.Graph:
    files = {"Cargo.toml": '[workspace]\nmembers = ["a"]\n', "a/Cargo.toml": MANIFEST.format("a"), "a/src/lib.rs": lib}
    target = Target(MemoryTree({path: text.encode() for path, text in files.items()}, "t"))
    return calls.Graph(target, list(cargo.workspace(target).packages.values()))


def callees(name: str) -> list[str]:
    made = graph()
    (found,) = [d for d in made.in_file("a/src/lib.rs") if d.label == name]
    return sorted(callee.label for callee in made.callees(found))


def test_fields_loops_and_closures() -> None:
    assert callees("Model::run") == ["Head::run", "Layer::run", "Layer::weight", "free"]


def test_return_types_and_aliases() -> None:
    assert callees("by_return_type") == ["Model::run", "make"]
    assert callees("by_alias") == ["Model::new", "Model::run"]


def test_unknown_receivers_count_only_when_unique() -> None:
    assert callees("unknown") == []
    assert callees("only_one") == ["Layer::weight"]


def test_callers() -> None:
    made = graph()
    (run,) = made.methods("run", "Layer")
    assert [caller.label for caller in made.callers(run)] == ["Model::run"]
    (whole,) = made.methods("run", "Model")
    assert sorted(caller.label for caller in made.callers(whole)) == ["by_alias", "by_return_type"]


def test_receiver_is_a_struct_without_fields() -> None:
    lib = LIB + "pub fn one() -> u8 { Layer.run() } pub fn two() -> u8 { let part = Layer; part.run() }"
    made = graph(lib)
    found = {d.label: [c.label for c in made.callees(d)] for d in made.in_file("a/src/lib.rs")}
    assert found["one"] == ["Layer::run"]
    assert found["two"] == ["Layer::run"]


def test_type_of_a_crate_outside() -> None:
    """What another crate returns is none of ours, however few of ours have a method of that name."""
    lib = (
        LIB + "pub fn one() -> u8 { use outer::tool as made; made().unwrap().weight() }\n"
        "pub fn two() -> u8 { let x = outer::tool(); x.weight() }\n"
        "pub fn own() -> u8 { inner::tool().weight() }\n"
    )
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["a", "inner"]\n',
        "a/Cargo.toml": MANIFEST.format("a") + '[dependencies]\nouter = "1"\ninner = { path = "../inner" }\n',
        "a/src/lib.rs": lib,
        "inner/Cargo.toml": MANIFEST.format("inner"),
        "inner/src/lib.rs": "",
    }
    target = Target(MemoryTree({path: text.encode() for path, text in files.items()}, "t"))
    made = calls.Graph(target, list(cargo.workspace(target).packages.values()))
    found = {d.label: [c.label for c in made.callees(d)] for d in made.in_file("a/src/lib.rs")}
    assert found["one"] == []
    assert found["two"] == []
    assert found["own"] == ["Layer::weight"]
