"""The resolver against real Cargo: the tests that binaries list, for a workspace that holds the tricky cases.

Cargo builds once for each set of packages, targets and features; the binaries are then asked with the filters, as
`cargo test` would do. What runs is `--list` without `--list --ignored`; with `--ignored` or `--include-ignored` in the
command the list is taken as it is.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import cargo_test
from pytest_mens.views.cargo_test import TestId

FIXTURE = Path(__file__).parent.parent / "fixtures" / "oracle"
CARGO = shutil.which("cargo")

pytestmark = pytest.mark.skipif(CARGO is None, reason="cargo is not installed: the oracle of the command resolver")

# selection | test name and arguments of the test binaries
COMMANDS = """
-p alpha --lib
-p alpha --lib | flat
-p alpha --lib | flat::
-p alpha --lib | flat::tests::flat_works
-p alpha --lib | flat_works -- --exact
-p alpha --lib | flat::tests::flat_works -- --exact
-p alpha --lib | tests -- --skip flat
-p alpha --lib | tests -- --skip=flat
-p alpha --lib | -- flat deep
-p alpha --lib | flat -- deep --skip works
-p alpha --lib | -- --ignored
-p alpha --lib | flat -- --ignored
-p alpha --lib | flat -- --include-ignored
-p alpha --lib | -- --test-threads 1
-p alpha --lib | -- --test-threads=1 flat
-p alpha --lib | flat -- -q
-p alpha --lib | flat -- --nocapture
-p alpha --lib | nothing_at_all
-p alpha --lib | r#match
-p alpha --lib | match
-p alpha --lib | r#type::
-p alpha --lib | inline
-p alpha --lib | a::b
-p alpha --lib | in_
-p alpha --lib | orphan
-p alpha --lib | comment
-p alpha --lib | string
-p alpha --lib | nested_in_a_body
-p alpha --lib | made
-p alpha --lib | module_of_macro::made
-p alpha --lib | by_twice
-p alpha --lib | param
-p alpha --lib | param::case_1
-p alpha --lib | case_2
-p alpha --lib | platform
-p alpha --lib | tests_child
-p alpha --lib --features extra
-p alpha --lib --features extra | gated
-p alpha --lib --features other | with_
-p alpha --lib --no-default-features | with_
-p alpha --lib --all-features | with_
-p alpha --lib --features extra,by-dep | with_
-p alpha --lib --features "extra by-dep" | with_
-p alpha --lib -F by-dep | with_dependency
-p alpha --lib --features alpha/extra | with_any
-p alpha
-p alpha | in_
-p alpha --tests
-p alpha --tests --features extra
-p alpha --bins
-p alpha --bin tool
-p alpha --bin quiet
-p alpha --bin alpha
-p alpha --examples
-p alpha --example demo
-p alpha --benches
-p alpha --bench speed
-p alpha --all-targets
-p alpha --test uses_common
-p alpha --test also_uses_common
-p alpha --test dir
-p alpha --test dir | sub
-p alpha --test renamed
-p alpha --test gated_away
-p alpha --test gated_away --features other
-p alpha --test needs_extra
-p alpha --test needs_extra --features extra
-p alpha --test file_name
-p alpha --test only_by_name
-p alpha --test common
-p alpha --test no_main
-p alpha --test data
-p alpha --test own_harness
-p alpha --lib --test uses_common | uses
-p alpha --test "*common"
-p alpha --test "*nothing*"
-p alpha --test uses_common --test dir
-p "al*" --lib | flat
-p "zz*" --lib
-p nobody --lib
-p alpha --lib --features nothing
-p alpha --bin nobody
-p beta
-p beta --test kept
-p beta --test dropped
-p beta --features weak
-p beta --features helper/nothing
-p apart
-p beta --features strong
-p beta --features strong -p helper
-p beta --features weak -p helper
-p beta -p alpha --lib | with_any
-p beta --features forward -p alpha --lib | with_any
-p gamma -p alpha --lib | with_any
-p beta --features helper/loud -p helper --lib
--workspace --lib | with_any
--workspace --exclude gamma --lib | with_any
--workspace --exclude gamma --exclude beta --lib | with_any
--workspace
--workspace | works
--workspace --exclude "al*"
--workspace --test kept
--workspace --lib --features loud
""".strip().splitlines()

# These go through Cargo as a whole.
WHOLE = """
cargo test
cargo test flat
cargo test flat deep
cargo test -p alpha --lib flat -- --exact
cargo test -p alpha --lib --nocapture
cargo test -p alpha --lib --ignored
cargo test --exclude alpha
cargo test -p alpha --lib -- --bogus
cargo test -p alpha --lib -- --ignored --include-ignored
cargo test -p alpha --doc --lib
cargo t -p beta -q beta_
cargo test -pbeta -Fstrong beta_
cargo test -p=beta --features=strong beta_
cargo test --manifest-path crates/beta/Cargo.toml beta_
cargo test --manifest-path crates/alpha/Cargo.toml --lib flat
cargo test -p beta@0.1.0 beta_
""".strip().splitlines()


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("oracle") / "workspace"
    shutil.copytree(FIXTURE, root)
    return root


@pytest.fixture(scope="session")
def target(workspace: Path) -> Target:
    return Target(WorkingTree(workspace, "oracle"))


def run(workspace: Path, argv: list[str]) -> subprocess.CompletedProcess[str]:
    """Run Cargo offline with folders of its own beside the workspace, so that no lock of another run is waited for."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CARGO_", "RUSTFLAGS"))}
    kept["CARGO_TARGET_DIR"] = str(workspace.parent / "build")
    kept["CARGO_HOME"] = str(workspace.parent / "home")
    return subprocess.run(
        argv, cwd=workspace, env=kept, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@cache
def binaries(workspace: Path, selection: str) -> tuple[tuple[str, str, str], ...] | None:
    """Build what `cargo test SELECTION` builds; give (package, target, executable) of its tests, None on an error."""
    argv = ["cargo", "test", "--offline", "--no-run", "--message-format=json", *shlex.split(selection)]
    done = run(workspace, argv)
    if done.returncode:
        return None
    found = []
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] == "compiler-artifact" and message["executable"] and message["profile"]["test"]:
            package = message["package_id"].rpartition("/")[2].partition("#")[0]
            kind = message["target"]["kind"][0]
            label = kind if kind == "lib" else f"{kind} {message['target']['name']}"
            found.append((package, label, message["executable"]))
    return tuple(found)


@cache
def libraries() -> str:
    """Give where the compiler's own libraries stand."""
    argv = ["rustc", "--print", "target-libdir"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


@cache
def listed(executable: str, arguments: tuple[str, ...]) -> frozenset[str] | None:
    # the tests of a procedural macro need the compiler's libraries, where Cargo lets them look
    env = {**os.environ, "LD_LIBRARY_PATH": libraries(), "DYLD_LIBRARY_PATH": libraries()}
    done = subprocess.run([executable, *arguments, "--list"], capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        return None
    return frozenset(line.rpartition(": ")[0] for line in done.stdout.splitlines() if line.endswith(": test"))


def really_run(workspace: Path, selection: str, arguments: list[str]) -> set[TestId] | None:
    built = binaries(workspace, selection)
    if built is None:
        return None
    given = tuple(word for word in arguments if word != "--")
    found = set()
    for package, label, executable in built:
        names = listed(executable, given)
        if names is None:
            return None
        if not {"--ignored", "--include-ignored"} & set(given):
            names -= listed(executable, (*given, "--ignored")) or frozenset()
        found |= {TestId(package, label, name) for name in names}
    return found


def assert_same(resolution: cargo_test.Resolution, real: set[TestId] | None) -> None:
    """Compare, open names with whatever begins like them."""
    assert bool(resolution.errors) == (real is None), resolution.errors
    if real is None:
        return
    sure = {test for test in resolution.tests if not test.open}
    opened = {test for test in resolution.tests | resolution.maybe if test.open}

    def covered(test: TestId) -> bool:
        return any((one.package, one.target) == (test.package, test.target) and test.name.startswith(one.name + "::")
                   for one in opened)  # fmt: skip

    assert sure == {test for test in real if not covered(test)}
    for one in resolution.tests - sure:
        assert any(covered(test) and test.name.startswith(one.name) for test in real), one


@pytest.mark.parametrize("line", COMMANDS)
def test_selection_and_filters(line: str, workspace: Path, target: Target) -> None:
    selection, _, rest = line.partition("|")
    arguments = shlex.split(rest)
    resolution = cargo_test.resolve(target, ["cargo", "test", *shlex.split(selection), *arguments])
    assert_same(resolution, really_run(workspace, selection.strip(), arguments))


@pytest.mark.parametrize("line", COMMANDS)
def test_runs_agrees_with_resolve(line: str, target: Target) -> None:
    argv = ["cargo", "test", *shlex.split(line.replace("|", " "))]
    resolution = cargo_test.resolve(target, argv)
    for test in resolution.tests:
        assert cargo_test.runs(target, argv, test), test
    for test in resolution.ignored:
        assert not cargo_test.runs(target, argv, test), test


@pytest.mark.parametrize("line", WHOLE)
def test_whole_command(line: str, workspace: Path, target: Target) -> None:
    argv = shlex.split(line)
    listing = ["--list"] if "--" in argv else ["--", "--list"]
    done = run(workspace, ["cargo", "--offline", *argv[1:], *listing])
    resolution = cargo_test.resolve(target, argv)
    assert bool(resolution.errors) == bool(done.returncode), (resolution.errors, done.stderr)
    if not resolution.errors:
        names = [line.rpartition(": ")[0] for line in done.stdout.splitlines() if line.endswith(": test")]
        shown = [test.name for test in resolution.tests | resolution.ignored if not test.open]
        doctests = [name for name in names if " - " in name]
        opened = [name for name in names if "::param::" in name]
        assert sorted(names) == sorted([*shown, *doctests, *opened])
