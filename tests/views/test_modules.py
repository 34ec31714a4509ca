from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from pytest_mens.model import UnreadableError
from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import cargo, cfg, modules, rust

needs_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo, the oracle, is not installed")

MANIFEST = '[package]\nname = "lab"\nversion = "0.1.0"\nedition = "2021"\n\n[features]\non = []\noff = []\n'


def write(root, files):
    for path, text in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, "utf-8")
    return Target(WorkingTree(root, "tree"))


def test_fn(name):
    return f"#[test]\nfn {name}() {{}}\n"


test_fn.__test__ = False

LAB = {
    "Cargo.toml": MANIFEST,
    "src/lib.rs": """
#![allow(dead_code, unexpected_cfgs)]
mod plain;
mod folder;
mod r#match;
mod inline {
    mod below;
    pub mod deeper {
        mod r#type;
        include!("spliced.rs");
    }
    #[path = "named.rs"]
    mod by_path;
}
#[path = "other"]
mod moved {
    mod below;
}
#[path = "elsewhere/file.rs"]
mod by_path;
#[cfg(test)]
#[path = "tests_of_lib.rs"]
mod tests;
include!("part_a.rs");
include!(concat!("part", "_b.rs"));
include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/part_c.rs"));
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "gone.rs")]
mod system;
#[cfg_attr(any(), path = "gone.rs")]
mod fallback;
#[cfg(feature = "off")]
mod switched_off;
#[cfg(any(feature = "on", unknown_name))]
mod switched_on;
#[cfg(unknown_name)]
mod unknown;
#[cfg_attr(all(), cfg(feature = "off"))]
mod off_by_attr;
/* mod commented; */
// mod commented;
const TEXT: &str = "mod quoted; include!(\\"quoted.rs\\");";
macro_rules! twice {
    ($($body:item)*) => { $($body)* };
}
twice! {
    mod in_macro;
}
#[test]
fn root_level() {
    #[test]
    fn nested_in_a_body() {}
}
""",
    "src/plain.rs": "mod child;\nmod grand { mod child; }\n" + test_fn("plain"),
    "src/plain/child.rs": test_fn("a"),
    "src/plain/grand/child.rs": test_fn("b"),
    "src/folder/mod.rs": 'mod child;\n#[path = "sub/x.rs"]\nmod sub;\n',
    "src/folder/child.rs": '#![cfg(feature = "on")]\n' + test_fn("a"),
    "src/folder/sub/x.rs": "mod y;\n",
    "src/folder/sub/y.rs": test_fn("y"),
    "src/match.rs": "#[test]\nfn r#fn() {}\n#[test]\nfn r#plain() {}\n",
    "src/inline/below.rs": test_fn("a"),
    "src/inline/deeper/type.rs": test_fn("a"),
    "src/inline/named.rs": test_fn("a"),
    "src/spliced.rs": "mod from_spliced;\n" + test_fn("spliced"),
    "src/from_spliced.rs": test_fn("a"),
    "src/other/below.rs": test_fn("a"),
    "src/elsewhere/file.rs": "mod sibling;\n" + test_fn("a"),
    "src/elsewhere/sibling.rs": test_fn("a"),
    "src/tests_of_lib.rs": "mod more;\n#[cfg_attr(all(), test)]\nfn by_attr() {}\n",
    "src/more.rs": test_fn("a"),
    "src/part_a.rs": "mod of_part;\n" + test_fn("part_a"),
    "src/of_part.rs": test_fn("a"),
    "src/part_b.rs": test_fn("part_b"),
    "src/part_c.rs": test_fn("part_c"),
    "src/linux.rs": test_fn("a"),
    "src/fallback.rs": test_fn("a"),
    "src/switched_off.rs": test_fn("a"),
    "src/switched_on.rs": test_fn("a"),
    "src/unknown.rs": test_fn("a"),
    "src/off_by_attr.rs": test_fn("a"),
    "src/in_macro.rs": test_fn("a"),
    "src/commented.rs": test_fn("a"),
    "src/quoted.rs": test_fn("a"),
    "src/orphan.rs": "mod child;\n" + test_fn("a"),
    "src/orphan/child.rs": test_fn("a"),
    "src/main.rs": "mod plain_bin;\nfn main() {}\n",
    "src/plain_bin.rs": test_fn("a"),
    "src/bin/tool/main.rs": "mod part;\nfn main() {}\n",
    "src/bin/tool/part.rs": test_fn("a"),
    "tests/common/mod.rs": test_fn("shared"),
    "tests/one.rs": "mod common;\n" + test_fn("one"),
    "tests/two.rs": '#![cfg(feature = "on")]\n#[path = "common/mod.rs"]\nmod helpers;\n',
    "tests/gone.rs": '#![cfg(feature = "off")]\n' + test_fn("never"),
    "tests/deep/main.rs": "mod part;\n",
    "tests/deep/part.rs": test_fn("a"),
}  # fmt: skip


def listed_by_cargo(root):
    """The tests of every target, from real cargo: {(kind, target): {path}}."""
    env = {**os.environ, "CARGO_TARGET_DIR": str(root / "target")}
    command = ["cargo", "test", "--offline", "--features", "on", "--lib", "--bins", "--tests", "--", "--list"]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    running = re.findall(r"Running unittests (\S+) |Running (\S+) ", done.stderr)
    blocks = re.split(r"^\d+ tests?, \d+ benchmarks?\n", done.stdout, flags=re.MULTILINE)[: len(running)]
    return {
        unit or path: {line.removesuffix(": test") for line in block.splitlines() if line.endswith(": test")}
        for (unit, path), block in zip(running, blocks, strict=True)
    }


def holds(atom):
    if atom.name == "feature":
        return atom.value == "on"
    return atom.name == "test" or atom in cfg.PLATFORM


def listed_by_view(target):
    package = cargo.workspace(target).packages["lab"]
    found = {}
    for cargo_target in package.targets:
        names = found.setdefault(cargo_target.path, set())
        for place in modules.files_of(target, package, cargo_target):
            for item in modules.items(target, place):
                if rust.is_test(item.file, item.function.node) and not item.nested and cfg.evaluate(item.cfg, holds):
                    names.add(item.path)
    return found


@needs_cargo
def test_the_view_is_what_cargo_lists(tmp_path):
    target = write(tmp_path, LAB)
    by_view = listed_by_view(target)
    assert by_view == listed_by_cargo(tmp_path)
    assert by_view["src/lib.rs"] > {"inline::deeper::r#type::a", "inline::deeper::from_spliced::a", "r#match::r#fn"}


def places(target, path):
    return {
        (place.target.kind, place.target.name, "::".join(place.module), cfg.show(place.cfg))
        for place in modules.placements(target, path)
    }


def test_going_up_finds_what_going_down_does(tmp_path):
    target = write(tmp_path, LAB)
    package = cargo.workspace(target).packages["lab"]
    down = {}
    for cargo_target in package.targets:
        for place in modules.files_of(target, package, cargo_target):
            down.setdefault(place.file, []).append(place)
    for path in target.paths:
        assert sorted(modules.placements(target, path), key=repr) == sorted(down.get(path, []), key=repr)
    dead = {path for path in target.paths if path.endswith(".rs") and path not in down}
    assert dead == {"src/commented.rs", "src/quoted.rs", "src/orphan.rs", "src/orphan/child.rs"}


def test_placements_carry_their_cfg(tmp_path):
    target = write(tmp_path, LAB)
    assert places(target, "src/folder/child.rs") == {("lib", "lab", "folder::child", 'feature = "on"')}
    assert places(target, "src/more.rs") == {("lib", "lab", "tests::more", "test")}
    assert places(target, "src/linux.rs") == {("lib", "lab", "system", 'target_os = "linux"')}
    assert places(target, "src/off_by_attr.rs") == {("lib", "lab", "off_by_attr", 'any(not(all()), feature = "off")')}
    assert places(target, "tests/common/mod.rs") == {
        ("test", "one", "common", "all()"),
        ("test", "two", "helpers", 'feature = "on"'),
    }
    (spliced,) = modules.placements(target, "src/spliced.rs")
    assert spliced.included
    assert spliced.module == ("inline", "deeper")


def test_holes_stop_nothing(tmp_path):
    target = write(
        tmp_path,
        {
            "Cargo.toml": MANIFEST,
            "src/lib.rs": 'mod gone;\ninclude!(concat!(env!("OUT_DIR"), "/made.rs"));\ninclude!("gone.rs");\n'
            "include!(WHO_KNOWS);\nmod here;\n",
            "src/here.rs": "",
        },
    )
    assert places(target, "src/here.rs") == {("lib", "lab", "here", "all()")}


def test_modules_in_cfg_if(tmp_path):
    target = write(
        tmp_path,
        {
            "Cargo.toml": MANIFEST,
            "src/lib.rs": """cfg_if::cfg_if! {
    if #[cfg(unix)] {
        mod a;
    } else if #[cfg(windows)] {
        mod b;
    } else {
        mod c;
    }
}
""",
            "src/a.rs": "",
            "src/b.rs": "",
            "src/c.rs": "",
        },
    )
    assert places(target, "src/a.rs") == {("lib", "lab", "a", "unix")}
    assert places(target, "src/b.rs") == {("lib", "lab", "b", "all(not(unix), windows)")}
    assert places(target, "src/c.rs") == {("lib", "lab", "c", "all(not(unix), not(windows))")}


def test_files_that_mount_each_other_end(tmp_path):
    target = write(
        tmp_path,
        {
            "Cargo.toml": MANIFEST,
            "src/lib.rs": '#[path = "a.rs"]\nmod a;\n#[path = "lib.rs"]\nmod again;\n',
            "src/a.rs": '#[path = "b.rs"]\nmod b;\n#[path = "a.rs"]\nmod me;\n',
            "src/b.rs": '#[path = "a.rs"]\nmod a;\n',
            "src/x.rs": '#[path = "y.rs"]\nmod y;\n',
            "src/y.rs": '#[path = "x.rs"]\nmod x;\n',
        },
    )
    package = cargo.workspace(target).packages["lab"]
    files = [place.file for place in modules.files_of(target, package, package.targets[0])]
    assert files == ["src/lib.rs", "src/a.rs", "src/b.rs"]
    assert places(target, "src/b.rs") == {("lib", "lab", "a::b", "all()")}
    assert places(target, "src/x.rs") == set()


def test_a_file_of_another_package_is_found_where_it_is_mounted(tmp_path):
    target = write(
        tmp_path,
        {
            "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
            "a/Cargo.toml": MANIFEST,
            "a/src/lib.rs": "",
            "a/shared/x.rs": "",
            "b/Cargo.toml": MANIFEST.replace("lab", "other"),
            "b/src/lib.rs": '#[path = "../../a/shared/x.rs"]\nmod shared;\n',
        },
    )
    assert places(target, "a/shared/x.rs") == {("lib", "other", "shared", "all()")}


def test_find_module(tmp_path):
    target = write(
        tmp_path,
        {
            "Cargo.toml": MANIFEST,
            "src/lib.rs": "mod lora;\nmod deep;\n",
            "src/lora.rs": "",
            "src/deep/mod.rs": "mod lora;\nmod other;\n",
            "src/deep/other.rs": "",
            "src/deep/lora/mod.rs": 'include!("part.rs");\nmod child;\n',
            "src/deep/lora/part.rs": "",
            "src/deep/lora/child.rs": "",
        },
    )
    package = cargo.workspace(target).packages["lab"]

    def found(pattern):
        return [place.file.removeprefix("src/") for place in modules.find_module(target, package, pattern)]

    assert found("lora") == ["lora.rs"]
    assert found("deep::lora") == ["deep/lora/mod.rs", "deep/lora/part.rs"]
    assert found("**::lora") == ["lora.rs", "deep/lora/mod.rs", "deep/lora/part.rs"]
    assert found("d*::o*r") == ["deep/other.rs"]
    assert found("deep::lora::**") == ["deep/lora/child.rs"]
    assert found("gone") == []


def test_methods_and_nested_functions(tmp_path):
    target = write(
        tmp_path,
        {
            "Cargo.toml": MANIFEST,
            "src/lib.rs": "impl Model {\n    fn load() {\n        fn helper() {}\n    }\n}\nmod inner { fn f() {} }\n",
        },
    )
    (place,) = modules.placements(target, "src/lib.rs")
    assert [(item.path, item.nested) for item in modules.items(target, place)] == [
        ("Model::load", False),
        ("load::helper", True),
        ("inner::f", False),
    ]


def test_an_unreadable_declarer_is_no_dead_end(tmp_path):
    target = write(
        tmp_path, {"Cargo.toml": MANIFEST, "src/lib.rs": "mod a;\n", "src/a.rs": "mod b;\n", "src/a/b.rs": ""}
    )
    (tmp_path / "src/a.rs").write_bytes(b"mod b;\n\xff")
    with pytest.raises(UnreadableError, match=r"src/a\.rs"):
        modules.placements(target, "src/a/b.rs")


@pytest.mark.parametrize("name", [b"b\xff.rs", b"\xe9/mod.rs", b"b\xff/c.rs"])
def test_names_that_are_no_utf8_are_names(tmp_path, name):
    write(tmp_path, {"Cargo.toml": MANIFEST, "src/lib.rs": "mod a;\n", "src/a.rs": ""})
    place = tmp_path / "src" / os.fsdecode(name)
    place.parent.mkdir(exist_ok=True)
    place.touch()
    target = Target(WorkingTree(tmp_path, "tree"))
    assert modules.placements(target, "src/" + name.decode("utf-8", "surrogateescape")) == ()
