from __future__ import annotations

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import cargo, rust, scope


def manifest(name, dependencies=""):
    return f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n\n[features]\non = []\n\n{dependencies}'


FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["outer", "outer/inner", "other"]\n',
    "outer/Cargo.toml": manifest("outer", '[dev-dependencies]\nt = { package = "tensor-core", version = "1" }\n'),
    "outer/src/lib.rs": """
mod on;
#[cfg(feature = "gone")]
fn never() {}
#[cfg(not(feature = "gone"))]
fn always() {}
""",
    "outer/src/on.rs": '#![cfg(feature = "on")]\nfn sometimes() {}\n',
    "outer/src/dead.rs": "fn orphan() {}\n",
    "outer/inner/Cargo.toml": manifest("inner"),
    "outer/inner/src/lib.rs": "fn inside() {}\n",
    "other/Cargo.toml": manifest("other-oratio", '[dependencies]\ntensor-core = "1"\n'),
    "other/src/lib.rs": "",
}


def lab(root):
    for path, text in FILES.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, "utf-8")
    return Target(WorkingTree(root, "tree"))


def test_users_and_their_files(tmp_path):
    target = lab(tmp_path)
    assert {package.name for package in scope.users(target, ["tensor-*"])} == {"outer", "other-oratio"}
    users = scope.users(target, ["tensor-core"], ["*oratio*"])
    assert [package.name for package in users] == ["outer"]
    assert scope.files(target, users, ["fn "]) == ["outer/src/dead.rs", "outer/src/lib.rs", "outer/src/on.rs"]
    assert scope.files(target, users, ["fn "], within="on") == ["outer/src/on.rs"]
    assert scope.files(target, [], ["fn "]) == []
    inner = cargo.workspace(target).packages["inner"]
    assert scope.files(target, [inner], ["inside"]) == ["outer/inner/src/lib.rs"]


def test_compiled(tmp_path):
    target = lab(tmp_path)
    found = {
        function.name: scope.compiled(target, function.file, function.node)
        for path in ("outer/src/lib.rs", "outer/src/on.rs", "outer/src/dead.rs")
        for function in rust.functions(rust.file(target, path))
    }
    assert found == {"never": False, "always": True, "sometimes": True, "orphan": False}
