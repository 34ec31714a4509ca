from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_mens.model import SubjectMissingError, UnreadableError
from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import cargo, cfg
from pytest_mens.views.cargo import Selection

needs_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo, the oracle, is not installed")
LIB_KINDS = {"lib", "rlib", "dylib", "cdylib", "staticlib", "proc-macro"}


def write(root, files):
    for path, text in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, "utf-8")
    return Target(WorkingTree(root, "tree"))


def package(name, *, edition="2021", rest=""):
    return f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "{edition}"\n{rest}'


def run_cargo(root, *arguments):
    env = {**os.environ, "CARGO_TARGET_DIR": str(root / "target")}
    return subprocess.run(
        ["cargo", *arguments], cwd=root, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def by_cargo(root):
    """What `cargo metadata` says, in the words of the view."""
    done = run_cargo(root, "metadata", "--offline", "--no-deps", "--format-version", "1")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    packages = {}
    for one in said["packages"]:
        targets = {
            (
                "lib" if LIB_KINDS & set(target["kind"]) else target["kind"][0],
                target["name"],
                os.path.relpath(target["src_path"], root),
                tuple(target.get("required-features", ())),
                target["test"],
                target["doctest"],
                target["edition"],
            )
            for target in one["targets"]
        }
        dependencies = {
            (
                dependency["rename"] or dependency["name"],
                dependency["name"],
                dependency["kind"] or "normal",
                dependency["optional"],
                dependency["uses_default_features"],
                frozenset(dependency["features"]),
                os.path.relpath(dependency["path"], root) if dependency.get("path") else None,
                dependency["target"],
            )
            for dependency in one["dependencies"]
        }
        features = {name: frozenset(values) for name, values in one["features"].items()}
        packages[one["name"]] = (targets, dependencies, features)
    ids = {one["id"]: one["name"] for one in said["packages"]}
    return packages, {ids[one] for one in said["workspace_default_members"]}


def shown_platform(platform):
    if platform is None or isinstance(platform, str):
        return platform
    return f"cfg({cfg.show(platform)})"


def by_view(workspace):
    packages = {}
    for one in workspace.packages.values():
        targets = {
            (
                target.kind,
                target.name,
                target.path,
                target.required_features,
                target.test,
                target.doctest,
                target.edition,
            )
            for target in one.targets
        }
        dependencies = {
            (
                dependency.name,
                dependency.package,
                dependency.kind,
                dependency.optional,
                dependency.default_features,
                frozenset(dependency.features),
                dependency.path,
                shown_platform(dependency.platform),
            )
            for dependency in one.dependencies
        }
        features = {name: frozenset(values) for name, values in one.features.items()}
        packages[one.name] = (targets, dependencies, features)
    return packages, set(workspace.default_members)


LIB = {"src/lib.rs": ""}


def member(folder, manifest, *files):
    return {f"{folder}/Cargo.toml": manifest, **{f"{folder}/{file}": "" for file in files}}


WORKSPACES = {
    "globs, exclude, default-members, path members": {
        "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["crates/*", "tools/t?ol", "deep/**/leaf"]\n'
        'exclude = ["crates/out"]\ndefault-members = ["crates/a", "tools/*"]\n',
        **member("crates/a", package("a", rest='[dependencies]\nside = { path = "../../side" }\n'), "src/lib.rs"),
        **member("crates/.hidden", package("hidden"), "src/lib.rs"),
        **member("crates/out", package("out"), "src/lib.rs"),
        **member("tools/tool", package("tool"), "src/main.rs"),
        **member("deep/x/y/leaf", package("leaf"), "src/lib.rs"),
        **member("side", package("side", rest='[dev-dependencies]\nfar = { path = "../far" }\n'), "src/lib.rs"),
        **member("far", package("far"), "src/lib.rs"),
        "crates/README.md": "",
    },
    "a root package": {
        "Cargo.toml": package("top", rest='[workspace]\nmembers = ["inner"]\n'),
        "src/lib.rs": "",
        "src/main.rs": "",
        **member("inner", package("inner"), "src/lib.rs"),
    },
    "a single package": {"Cargo.toml": package("alone"), "src/lib.rs": "", "tests/one.rs": ""},
    "discovered targets": {
        "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["a-b"]\n',
        **member(
            "a-b",
            package("a-b"),
            "src/lib.rs",
            "src/main.rs",
            "src/bin/one.rs",
            "src/bin/two/main.rs",
            "src/bin/two/part.rs",
            "src/bin/data/x.txt",
            "tests/it.rs",
            "tests/common/mod.rs",
            "tests/deep/main.rs",
            "tests/.dot.rs",
            "tests/data.txt",
            "examples/ex.rs",
            "benches/be.rs",
            "build.rs",
        ),
    },
    "declared targets": {
        "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["p"]\n',
        **member(
            "p",
            package(
                "p",
                rest='build = "make/it.rs"\nautoexamples = false\n[features]\nf = []\n'
                '[lib]\nname = "named"\npath = "lib/root.rs"\ncrate-type = ["cdylib"]\nedition = "2018"\n'
                '[[bin]]\nname = "p"\nrequired-features = ["f"]\ntest = false\n'
                '[[test]]\nname = "claims_path"\npath = "tests/by_path.rs"\nharness = false\n'
                '[[test]]\nname = "by_name"\ntest = false\n'
                '[[example]]\nname = "only"\npath = "examples/a.rs"\ncrate-type = ["lib"]\ntest = true\n'
                '[[bench]]\nname = "main_rs"\nharness = false\n',
            ),
            "lib/root.rs",
            "make/it.rs",
            "src/main.rs",
            "src/bin/found.rs",
            "tests/by_path.rs",
            "tests/by_name.rs",
            "tests/found.rs",
            "examples/a.rs",
            "examples/b.rs",
            "benches/main_rs/main.rs",
            "benches/other.rs",
        ),
    },
    "switches and old editions": {
        "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["*"]\n',
        **member(
            "off",
            package("off", rest="autobins = false\nautotests = false\nautobenches = false\nbuild = false\n"),
            "src/lib.rs",
            "src/main.rs",
            "tests/t.rs",
            "benches/b.rs",
            "build.rs",
        ),
        **member(
            "old",
            package("old", edition="2015", rest='[[test]]\nname = "one"\npath = "tests/one.rs"\n'),
            "src/lib.rs",
            "tests/one.rs",
            "tests/two.rs",
            "examples/ex.rs",
        ),
        **member(
            "mac", package("mac", rest="[lib]\nproc-macro = true\ndoctest = false\n"), "src/lib.rs", "tests/t.rs"
        ),
        **member("ageless", '[package]\nname = "ageless"\nversion = "0.1.0"\n', "src/lib.rs"),
    },
    "inheritance and dependencies": {
        "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["a", "b", "c"]\n'
        '[workspace.package]\nedition = "2018"\nversion = "1.0.0"\n'
        '[workspace.dependencies]\nb = { path = "b", features = ["x"], default-features = false }\n'
        'cc = { path = "c", package = "c" }\nserde = "1"\n',
        **member(
            "a",
            '[package]\nname = "a"\nversion.workspace = true\nedition.workspace = true\n'
            '[features]\ndefault = ["b/y"]\nuses = ["dep:cc"]\nserde-on = ["serde"]\n'
            '[dependencies]\nb = { workspace = true, features = ["y"] }\ncc = { workspace = true, optional = true }\n'
            'serde = { workspace = true, optional = true }\nrenamed = { package = "serde", version = "1" }\n'
            '[dev-dependencies]\nb = { workspace = true, default-features = true }\n'
            "[target.'cfg(windows)'.dependencies]\nwinonly = { version = \"1\", optional = true }\n"
            "[target.'cfg(all(unix, not(target_os = \"macos\")))'.build-dependencies]\ncc = { workspace = true }\n"
            '[target.x86_64-unknown-linux-gnu.dev-dependencies]\nc = { path = "../c", default-features = false }\n',
            "src/lib.rs",
        ),
        **member("b", package("b", rest="[features]\nx = []\ny = []\ndefault = []\n"), "src/lib.rs"),
        **member("c", package("c"), "src/lib.rs"),
    },
}  # fmt: skip


@needs_cargo
@pytest.mark.parametrize("files", WORKSPACES.values(), ids=WORKSPACES)
def test_the_view_is_what_cargo_metadata_says(files, tmp_path):
    target = write(tmp_path, files)
    workspace = cargo.workspace(target)
    assert by_view(workspace) == by_cargo(tmp_path)
    assert workspace.problems == ()


SOURCES = [
    "src/lib.rs",
    "src/main.rs",
    "src/bin/one.rs",
    "src/bin/two/main.rs",
    "tests/one.rs",
    "tests/two/main.rs",
    "tests/two/mod.rs",
    "examples/one.rs",
    "benches/one.rs",
    "build.rs",
]
DECLARED = [
    '[[test]]\nname = "declared"\npath = "tests/one.rs"\n',
    '[[test]]\nname = "one"\npath = "elsewhere.rs"\nrequired-features = ["f"]\n',
    '[[bin]]\nname = "pkg"\npath = "src/bin/one.rs"\n',
    '[[example]]\nname = "extra"\npath = "elsewhere.rs"\n',
    '[lib]\npath = "elsewhere.rs"\n',
]
SWITCHES = ["autobins = false\n", "autotests = false\n", "autotests = true\n", "build = false\n"]


@needs_cargo
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sources=st.sets(st.sampled_from(SOURCES)),
    declared=st.sets(st.sampled_from(DECLARED), max_size=2),
    switch=st.sampled_from(["", *SWITCHES]),
    edition=st.sampled_from(["2015", "2018", "2021", "2024"]),
)
def test_targets_of_generated_packages(sources, declared, switch, edition, tmp_path_factory):
    root = tmp_path_factory.mktemp("generated")
    manifest = package("pkg", edition=edition, rest=switch + "".join(sorted(declared)) + "[features]\nf = []\n")
    workspace = cargo.workspace(write(root, {"Cargo.toml": manifest, "elsewhere.rs": "", **dict.fromkeys(sources, "")}))
    done = run_cargo(root, "metadata", "--offline", "--no-deps", "--format-version", "1")
    if done.returncode:
        assert not any(target.kind != "custom-build" for target in workspace.packages["pkg"].targets) or (
            workspace.problems
        ), done.stderr
    else:
        assert by_view(workspace) == by_cargo(root)


FEATURED = {
    "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["app", "lib", "opt", "dev", "other"]\n'
    '[workspace.dependencies]\nlib = { path = "lib", default-features = false }\n',
    **member(
        "app",
        package(
            "app",
            rest='[features]\ndefault = ["std"]\nstd = ["lib/std"]\nweak = ["opt?/fast"]\nstrong = ["opt/fast"]\n'
            'implicit = ["opt"]\nren = ["renamed/std"]\n'
            '[dependencies]\nlib = { workspace = true, features = ["base"] }\n'
            'opt = { path = "../opt", optional = true }\n'
            'renamed = { path = "../other", package = "other", default-features = false }\n'
            '[dev-dependencies]\ndev = { path = "../dev" }\nlib = { workspace = true, features = ["testing"] }\n'
            "[target.'cfg(windows)'.dependencies]\nlib = { workspace = true, features = [\"windows\"] }\n"
            "[target.'cfg(unix)'.dependencies]\nlib = { workspace = true, features = [\"unix\"] }\n",
        ),
        "src/lib.rs",
        "tests/t.rs",
    ),
    **member(
        "lib",
        package(
            "lib",
            rest='[features]\ndefault = ["extra"]\nextra = []\nstd = ["extra"]\nbase = []\ntesting = []\nwindows = []\n'
            "unix = []\n",
        ),
        "src/lib.rs",
    ),
    **member(
        "opt",
        package(
            "opt",
            rest='[features]\nfast = ["dep:lib", "lib?/std"]\n'
            "[dependencies]\nlib = { workspace = true, optional = true }\n",
        ),
        "src/lib.rs",
    ),
    **member(
        "dev",
        package("dev", rest='[dev-dependencies]\nother = { path = "../other", features = ["never"] }\n'),
        "src/lib.rs",
    ),
    **member("other", package("other", rest="[features]\nstd = []\nnever = []\ndefault = []\n"), "src/lib.rs"),
}  # fmt: skip

SELECTIONS = [
    Selection(("app",)),
    Selection(("app",), default_features=False),
    Selection(("app",), dev=False),
    Selection(("app",), ("weak",)),
    Selection(("app",), ("weak", "implicit")),
    Selection(("app",), ("strong",), default_features=False),
    Selection(("app",), ("ren",)),
    Selection(("app",), ("opt/fast",)),
    Selection(("app",), ("app/std",), default_features=False),
    Selection(("app",), all_features=True),
    Selection(("lib",)),
    Selection(("lib", "opt"), ("fast",)),
    Selection(("app", "lib", "opt", "dev", "other")),
    Selection(("app", "lib", "opt", "dev", "other"), ("std",), default_features=False),
    Selection(("dev",)),
    Selection(("opt",), ("fast",)),
]


def features_by_cargo(root, selection):
    arguments = ["tree", "--offline", "--target", cfg.PLATFORM_TRIPLE, "--prefix", "none", "-f", "{p}|{f}"]
    arguments += ["-e", "normal,build,dev" if selection.dev else "normal,build", "--no-dedupe"]
    for name in selection.packages:
        arguments += ["-p", name]
    for feature in selection.features:
        arguments += ["--features", feature]
    arguments += ["--all-features"] * selection.all_features
    arguments += ["--no-default-features"] * (not selection.default_features)
    done = run_cargo(root, *arguments)
    assert done.returncode == 0, done.stderr
    found = {}
    for line in filter(None, done.stdout.splitlines()):
        name, features = line.replace(" (*)", "").split("|")
        features = frozenset(filter(None, features.split(",")))
        assert found.setdefault(name.split()[0], features) == features
    return found


@needs_cargo
@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_features_are_unified_as_cargo_does(selection, tmp_path):
    workspace = cargo.workspace(write(tmp_path, FEATURED))
    assert cargo.enabled_features(workspace, selection) == features_by_cargo(tmp_path, selection)


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        (Selection(("nope",)), "package ID specification `nope` did not match any packages"),
        (Selection(("app",), ("nope",)), "the package 'app' does not contain this feature: nope"),
        (Selection(("app", "lib"), ("x", "y")), "none of the selected packages contains these features: x, y"),
        (Selection(("app",), ("nope/std",)), "the package 'app' does not contain this feature: nope/std"),
    ],
)
def test_what_cargo_refuses_is_refused(selection, reason, tmp_path):
    workspace = cargo.workspace(write(tmp_path, FEATURED))
    with pytest.raises(ValueError, match=reason):
        cargo.enabled_features(workspace, selection)


def test_features_for_the_host_are_apart(tmp_path):
    workspace = cargo.workspace(
        write(
            tmp_path,
            {
                "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["app", "lib", "mac"]\n',
                **member(
                    "app",
                    package(
                        "app",
                        rest='[dependencies]\nlib = { path = "../lib" }\nmac = { path = "../mac" }\n'
                        '[build-dependencies]\nlib = { path = "../lib", features = ["build"] }\n',
                    ),
                    "src/lib.rs",
                    "build.rs",
                ),
                **member(
                    "mac",
                    package(
                        "mac",
                        rest="[lib]\nproc-macro = true\n"
                        '[dependencies]\nlib = { path = "../lib", features = ["macro"] }\n',
                    ),
                    "src/lib.rs",
                ),
                **member("lib", package("lib", rest="[features]\nbuild = []\nmacro = []\nplain = []\n"), "src/lib.rs"),
            },
        )
    )
    assert cargo.enabled_features(workspace, Selection(("app",)))["lib"] == frozenset()
    assert cargo.enabled_features(workspace, Selection(("mac",)))["lib"] == {"macro"}


def test_closing_features_within_a_package(tmp_path):
    app = cargo.workspace(write(tmp_path, FEATURED)).packages["app"]
    assert cargo.close_features(app, ["strong"]) == {"strong", "opt/fast", "opt", "dep:opt"}
    assert cargo.close_features(app, ["weak"]) == {"weak", "opt?/fast"}
    opt = [dependency for dependency in app.dependencies if dependency.name == "opt"]
    assert cargo.dependency_features(cargo.close_features(app, ["weak"]), opt) is None
    assert cargo.dependency_features(cargo.close_features(app, ["weak", "opt"]), opt) == {"fast", "default"}


def test_a_missing_member_is_one_problem_and_the_rest_is_read(tmp_path):
    target = write(
        tmp_path,
        {
            "Cargo.toml": '[workspace]\nmembers = [\n    "a",\n    "gone",\n    "b*",\n]\n',
            **member("a", package("a"), "src/lib.rs"),
            "bare/README.md": "",
        },
    )
    workspace = cargo.workspace(target)
    assert set(workspace.packages) == {"a"}
    found = [(problem.path, problem.line, problem.column) for problem in workspace.problems]
    assert found == [("Cargo.toml", 4, 5), ("Cargo.toml", 5, 5)]
    assert "`gone` is not in the repository" in workspace.problems[0].message
    assert "`bare` is not in the repository" in workspace.problems[1].message


@pytest.mark.parametrize("listed", ['members = ["a", "bad"]', 'members = ["a"]', 'members = ["a"]\nexclude = ["bad"]'])
@pytest.mark.parametrize("content", ["[package\n", "", "# \0", "version https://git-lfs.github.com/spec/v1\n"])
def test_a_manifest_that_cannot_be_used_leaves_no_workspace(tmp_path, listed, content):
    """Cargo refuses every command then; a package that is not known must not look like one that is not there."""
    needs_bad = '[dependencies]\nbad = { path = "../bad" }\n'
    target = write(
        tmp_path,
        {
            "Cargo.toml": f"[workspace]\n{listed}\n",
            **member("a", package("a", rest=needs_bad), "src/lib.rs"),
            **member("bad", content, "src/lib.rs"),
        },
    )
    with pytest.raises(UnreadableError, match=r"UNREADABLE bad/Cargo\.toml: "):
        cargo.workspace(target)


def test_a_declared_target_without_a_file_is_a_problem(tmp_path):
    target = write(
        tmp_path, {"Cargo.toml": package("a", rest='[[test]]\nname = "gone"\n'), "src/lib.rs": "", "tests/here.rs": ""}
    )
    workspace = cargo.workspace(target)
    assert [target.name for target in workspace.packages["a"].targets] == ["a", "here"]
    (problem,) = workspace.problems
    assert (problem.path, problem.line) == ("Cargo.toml", 5)
    assert "tests/gone.rs" in problem.message


def test_without_a_root_manifest_there_is_no_subject(tmp_path):
    with pytest.raises(SubjectMissingError):
        cargo.workspace(write(tmp_path, {"README.md": ""}))


def test_a_root_manifest_that_is_no_toml_is_unreadable(tmp_path):
    with pytest.raises(UnreadableError, match=r"Cargo\.toml"):
        cargo.workspace(write(tmp_path, {"Cargo.toml": "[workspace\n"}))


def test_patches_and_excluded_path_dependencies_are_others(tmp_path):
    target = write(
        tmp_path,
        {
            "Cargo.toml": '[workspace]\nmembers = ["a"]\nexclude = ["out"]\n'
            '[patch.crates-io]\nvendored = { path = "patches/vendored" }\n',
            **member("a", package("a", rest='[dependencies]\nout = { path = "../out" }\n'), "src/lib.rs"),
            **member("out", package("out"), "src/lib.rs"),
            **member("patches/vendored", package("vendored"), "src/lib.rs"),
        },
    )
    workspace = cargo.workspace(target)
    assert set(workspace.packages) == {"a"}
    assert {other.name for other in workspace.others} == {"out", "vendored"}
    assert workspace.package_of("out/src/lib.rs").name == "out"
    assert workspace.package_of("a/src/x/y.rs").name == "a"
    assert workspace.package_of("README.md") is None
