from __future__ import annotations

from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import merging

MERGE = merging.Merge("merge-two", "merge_", "bin")
MANIFEST = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'
LIB = "mod a;\nmod files;\n"
COMMAND = "pub fn run(p: &Path) -> Result<()> {{ {guard} merge_all(p) }}\nfn other() {{}}\n"


def found(a: str, files: str = "") -> merging.Merging:
    tree = MemoryTree({"Cargo.toml": MANIFEST, "src/lib.rs": LIB, "src/a.rs": a, "src/files.rs": files})
    target = Target(tree)
    return merging.functions(target, MERGE, target.containing(MERGE.quoted, target.glob("*.rs")))


def test_a_function_that_guards_and_merges_is_a_merge_command() -> None:
    names = {function.name for function in found(COMMAND.format(guard='if ext == "bin" { no() }')).functions}
    assert names == {"run"}


def test_a_function_named_after_the_command_is_one() -> None:
    names = {function.name for function in found('fn run_merge_two(p: &Path) { if ext == "bin" {} }').functions}
    assert names == {"run_merge_two"}


def test_what_a_merge_command_calls_elsewhere_may_hold_the_guard() -> None:
    helpers = 'pub fn check(p: &Path) { if ext == "bin" {} }\npub fn new(p: &Path) -> bool { ext != "bin" }\n'
    merged = found(COMMAND.format(guard="check(p); new (p);"), helpers)
    assert {function.name for function in merged.functions} == {"run", "check", "new"}
    assert merged.helpers == {"new": True}


def test_a_helper_that_nobody_calls_is_left_alone() -> None:
    merged = found(COMMAND.format(guard="\n// check(p)\n"), 'pub fn check(p: &Path) { if ext == "bin" {} }')
    assert merged.functions == ()
    merged = found(COMMAND.format(guard="p; // check(p)\n"), 'pub fn check(p: &Path) { if ext == "bin" {} }')
    assert {function.name for function in merged.functions} == {"run"}


def test_a_folder_of_that_name_is_no_guard() -> None:
    assert found(COMMAND.format(guard='let dir = root.join("bin");')).functions == ()


def test_tests_are_left_alone() -> None:
    guarded = COMMAND.format(guard='if ext == "bin" { no() }')
    assert found(f"#[cfg(test)]\nmod tests {{ {guarded} }}\n").functions == ()
