"""Generated workspaces and commands: the resolver against an independent model, and some of them against Cargo.

The model knows which tests it wrote and selects among them by the rules of the Cargo book alone. The cases that no
`--list` shows (nextest, doc tests, shells) have tables of their own below.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import cargo_test
from pytest_mens.views.cargo_test import TestId

# --- A model -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One test function of the model; `needs` are (feature, wanted) that must all hold."""

    package: str
    target: str
    name: str
    needs: tuple[tuple[str, bool], ...] = ()
    ignored: bool = False


@dataclass
class Package:
    name: str
    default: tuple[str, ...]
    uses: dict[str, tuple[str, ...]]
    cases: list[Case] = field(default_factory=list)
    required: dict[str, str] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    """The targets there are, whether or not they hold tests."""
    files: dict[str, str] = field(default_factory=dict)


FEATURES = {"one": (), "two": ("one",), "three": ()}


def closed(features: set[str]) -> set[str]:
    found = set(features)
    for feature in features:
        found |= set(FEATURES.get(feature, ()))
    return found


@dataclass(frozen=True)
class Command:
    packages: tuple[str, ...]
    exclude: tuple[str, ...]
    features: tuple[str, ...]
    defaults: bool
    target: str
    filters: tuple[str, ...]
    skip: tuple[str, ...]
    exact: bool
    ignored: str

    def argv(self) -> list[str]:
        words = ["cargo", "test"]
        for name in self.packages:
            words += ["-p", name]
        if not self.packages:
            words += ["--workspace", *(word for name in self.exclude for word in ("--exclude", name))]
        words += ["--features", ",".join(self.features)] if self.features else []
        words += [] if self.defaults else ["--no-default-features"]
        words += shlex.split(self.target) + list(self.filters[:1]) + ["--", *self.filters[1:]]
        words += [word for text in self.skip for word in ("--skip", text)]
        words += ["--exact"] * self.exact + ([f"--{self.ignored}"] if self.ignored else [])
        return words


def expected(packages: dict[str, Package], command: Command) -> set[TestId] | None:
    """Give what the command runs, None when Cargo refuses it."""
    selected = list(command.packages) or [name for name in packages if name not in command.exclude]
    if not selected:
        return None
    enabled = enabled_features(packages, selected, command)
    labels = {(case.package, case.target) for name in selected for case in packages[name].cases}
    labels |= {(name, target) for name in selected for target in packages[name].empty}
    if command.target.startswith("--test "):
        named = command.target.removeprefix("--test ")
        labels = {label for label in labels if label[1] == f"test {named}"}
        if not labels or not all(packages[name].required.get(named) in {None, *enabled[name]} for name, _ in labels):
            return None
    elif command.target == "--lib":
        labels = {label for label in labels if label[1] == "lib"}
    return {
        TestId(case.package, case.target, case.name)
        for name in selected
        for case in packages[name].cases
        if (name, case.target) in labels and exists(packages[name], case, enabled[name]) and chosen(command, case)
    }


def enabled_features(packages: dict[str, Package], selected: list[str], command: Command) -> dict[str, set[str]]:
    enabled: dict[str, set[str]] = {}
    queue = [(name, {*command.features, *(packages[name].default if command.defaults else ())}) for name in selected]
    while queue:
        name, features = queue.pop()
        before = enabled.get(name)
        enabled[name] = closed((before or set()) | features)
        if before != enabled[name]:
            queue += [(other, {*given, *packages[other].default}) for other, given in packages[name].uses.items()]
    return enabled


def exists(package: Package, case: Case, enabled: set[str]) -> bool:
    required = package.required.get(case.target.removeprefix("test "))
    return required in {None, *enabled} and all((feature in enabled) is wanted for feature, wanted in case.needs)


def chosen(command: Command, case: Case) -> bool:
    if command.filters and not any(matches(command, text, case.name) for text in command.filters):
        return False
    if any(matches(command, text, case.name) for text in command.skip):
        return False
    return command.ignored == "include-ignored" or case.ignored == (command.ignored == "ignored")


def matches(command: Command, text: str, name: str) -> bool:
    return text == name if command.exact else text in name


# --- Generation --------------------------------------------------------------------------------------------------

MODULES = ["alpha", "beta", "gamma"]
Needs = tuple[tuple[str, bool], ...]
NEEDS: st.SearchStrategy[Needs] = st.sampled_from(
    [(), (), (("one", True),), (("two", False),), (("one", True), ("three", False))]
)


def written(needs: Needs, inner: str = "") -> str:
    parts = [f'feature = "{name}"' if wanted else f'not(feature = "{name}")' for name, wanted in needs]
    return f"#{inner}[cfg(all({', '.join(parts)}))]\n" if parts else ""


@dataclass(frozen=True)
class Spot:
    """Where source text stands: its file's folder, that of `mod x;`, that of `#[path]`, and the module path."""

    here: str
    folder: str
    attribute: str
    path: tuple[str, ...] = ()
    needs: Needs = ()


def functions(draw: st.DrawFn, package: Package, target: str, spot: Spot) -> str:
    text = ""
    for index in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(["runs", "walks", "r#try"]))
        name = name if index == 0 else f"{name.removeprefix('r#')}_{index}"
        needs, ignored = draw(NEEDS), draw(st.integers(0, 3)) == 0
        full = "::".join((*spot.path, name))
        package.cases.append(Case(package.name, target, full, (*spot.needs, *needs), ignored))
        text += f"{written(needs)}#[test]\n{'#[ignore]' if ignored else ''}\nfn {name}() {{}}\n"
    return text


def module(draw: st.DrawFn, package: Package, spot: Spot) -> str:
    """Write the content of a module; its children are inline or in files of their own, in one of the layouts."""
    text = functions(draw, package, "lib", spot)
    for name in MODULES[: draw(st.integers(0, 2 if len(spot.path) < 2 else 0))]:
        needs = draw(NEEDS)
        layout = draw(st.sampled_from(["inline", "file", "folder", "path", "include"]))
        path, all_needs = (*spot.path, name), (*spot.needs, *needs)
        unique, below = "_".join(path), f"{spot.folder}/{name}"
        if layout == "inline":
            inner = module(draw, package, Spot(spot.here, below, below, path, all_needs))
            text += f"{written(needs)}mod {name} {{\n{inner}}}\n"
        elif layout == "file":
            package.files[f"{below}.rs"] = module(draw, package, Spot(spot.folder, below, spot.folder, path, all_needs))
            text += f"{written(needs)}mod {name};\n"
        elif layout == "folder":
            inner = module(draw, package, Spot(below, below, below, path, all_needs))
            package.files[f"{below}/mod.rs"] = written(needs, "!") + inner
            text += f"mod {name};\n"
        elif layout == "path":
            placed = f"{spot.attribute}/placed_{unique}"
            package.files[f"{placed}/any.rs"] = module(draw, package, Spot(placed, placed, placed, path, all_needs))
            text += f'{written(needs)}#[path = "placed_{unique}/any.rs"]\nmod {name};\n'
        else:
            inner = functions(draw, package, "lib", Spot(spot.here, below, below, path, all_needs))
            package.files[f"{spot.here}/part_{unique}.rs"] = inner
            text += f'{written(needs)}mod {name} {{\ninclude!("part_{unique}.rs");\n}}\n'
    return text


@st.composite
def workspaces(draw: st.DrawFn) -> dict[str, Package]:
    packages: dict[str, Package] = {}
    for name in ["mill", "farm", "shop"][: draw(st.integers(1, 3))]:
        features = st.lists(st.sampled_from(sorted(FEATURES)), max_size=1).map(tuple)
        uses = {other: draw(features) for other in packages if draw(st.booleans())}
        package = Package(name, draw(features), uses)
        root = f"{name}/src"
        package.files[f"{root}/lib.rs"] = module(draw, package, Spot(root, root, root))
        for target in ["whole", "parts"][: draw(st.integers(0, 2))]:
            needs = draw(NEEDS)
            inner = functions(draw, package, f"test {target}", Spot("", "", "", (), needs))
            package.empty.add(f"test {target}")
            package.files[f"{name}/tests/{target}.rs"] = written(needs, "!") + inner
            if draw(st.integers(0, 3)) == 0:
                package.required[target] = draw(st.sampled_from(sorted(FEATURES)))
        package.files[f"{name}/Cargo.toml"] = manifest(package)
        packages[name] = package
    return packages


def manifest(package: Package) -> str:
    features = {**FEATURES, "default": package.default}
    lines = ["[package]", f'name = "{package.name}"', 'version = "0.1.0"', 'edition = "2021"', "[features]"]
    lines += [f"{name} = {list(given)}" for name, given in features.items()]
    lines += ["[dependencies]"]
    lines += [f'{name} = {{ path = "../{name}", features = {list(given)} }}' for name, given in package.uses.items()]
    for target, feature in package.required.items():
        lines += ["[[test]]", f'name = "{target}"', f'required-features = ["{feature}"]']
    return "\n".join(lines).replace("'", '"') + "\n"


@st.composite
def commands(draw: st.DrawFn, packages: dict[str, Package]) -> Command:
    names = sorted(packages)
    words = sorted({part for package in packages.values() for case in package.cases for part in case.name.split("::")})
    fulls = sorted({case.name for package in packages.values() for case in package.cases})
    texts = st.sampled_from([*words, *fulls, "a::", "un", "nothing"])
    return Command(
        tuple(draw(st.lists(st.sampled_from(names), max_size=2, unique=True))),
        tuple(draw(st.lists(st.sampled_from(names), max_size=1))),
        tuple(draw(st.lists(st.sampled_from(sorted(FEATURES)), max_size=2, unique=True))),
        draw(st.booleans()),
        draw(st.sampled_from(["", "", "--lib", "--tests", "--test whole", "--test parts"])),
        tuple(draw(st.lists(texts, max_size=2))),
        tuple(draw(st.lists(texts, max_size=1))),
        draw(st.integers(0, 4)) == 0,
        draw(st.sampled_from(["", "", "ignored", "include-ignored"])),
    )


def build(root: Path, packages: dict[str, Package]) -> Target:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    members = ", ".join(f'"{name}"' for name in packages)
    (root / "Cargo.toml").write_text(f'[workspace]\nresolver = "2"\nmembers = [{members}]\n', "utf-8")
    for package in packages.values():
        for name, text in package.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return Target(WorkingTree(root, "generated"))


def check(target: Target, packages: dict[str, Package], command: Command) -> set[TestId] | None:
    wanted = expected(packages, command)
    found = cargo_test.resolve(target, command.argv())
    assert bool(found.errors) == (wanted is None), (command.argv(), found.errors)
    if wanted is not None:
        assert found.tests == wanted, command.argv()
        for package in packages.values():
            for case in package.cases:
                test = TestId(case.package, case.target, case.name)
                assert cargo_test.runs(target, command.argv(), test) is (test in wanted), (command.argv(), test)
    return wanted


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_agrees_with_the_model(data: st.DataObject, tmp_path: Path) -> None:
    packages = data.draw(workspaces())
    target = build(tmp_path / "generated", packages)
    for _ in range(5):
        check(target, packages, data.draw(commands(packages)))


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed: the oracle of the model")
@settings(
    max_examples=5, derandomize=True, deadline=None, suppress_health_check=SLOW, database=None, phases=[Phase.generate]
)
@given(data=st.data())
def test_the_model_agrees_with_cargo(data: st.DataObject, tmp_path: Path) -> None:
    packages = data.draw(workspaces())
    target = build(tmp_path / "generated", packages)
    for _ in range(3):
        command = data.draw(commands(packages))
        wanted = check(target, packages, command)
        names = listed(tmp_path, command.argv())
        if wanted is None or names is None:
            assert wanted is names, command.argv()
        else:
            assert sorted(test.name for test in wanted) == names, command.argv()


def listed(folder: Path, argv: list[str]) -> list[str] | None:
    """Give the names that `cargo test` lists and does not ignore, sorted; None when it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CARGO_", "RUSTFLAGS"))}
    env = {
        **kept,
        "CARGO_HOME": str(folder / "home"),
        "CARGO_TARGET_DIR": str(folder / "build"),
        "CARGO_INCREMENTAL": "0",
    }
    env |= {"CARGO_PROFILE_DEV_DEBUG": "0"}
    names: list[list[str]] = []
    for more in ([], ["--ignored"]):
        if more and {"--ignored", "--include-ignored"} & set(argv):
            break
        done = subprocess.run(
            ["cargo", "--offline", *argv[1:], "--list", *more],
            cwd=folder / "generated", env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return None
        names.append([line.rpartition(": ")[0] for line in done.stdout.splitlines() if line.endswith(": test")])
    for name in names[1] if len(names) > 1 else []:
        names[0].remove(name)
    return sorted(name for name in names[0] if " - " not in name)


# --- What no listing shows ---------------------------------------------------------------------------------------

FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["mill"]\n',
    "mill/Cargo.toml": '[package]\nname = "mill"\nversion = "0.1.0"\nedition = "2021"\n[features]\nfine = []\n',
    "mill/src/lib.rs": (
        "//! ```\n//! assert!(true);\n//! ```\n#[test]\nfn grinds() {}\n#[test]\n#[ignore]\nfn rests() {}\n"
        '#[cfg(feature = "fine")]\nmod fine {\n#[test]\nfn grinds_finely() {}\n}\n'
        "proptest! {\n#[test]\nfn any_stone(x in 0..9u8, (y, z) in pair()) { let _ = x; }\n}\n"
        "#[rstest]\n#[case::coarse(1)]\n#[case(2)]\nfn sizes(#[case] size: u8) { let _ = size; }\n"
    ),
    "mill/tests/parity.rs": "#[test]\nfn agrees() {}\n",
    ".config/nextest.toml": '[profile.quick]\ndefault-filter = "not test(grinds)"\n',
    ".cargo/config.toml": '[alias]\nmilltest = "test -p mill"\n',
}


@pytest.fixture
def mill(tmp_path: Path) -> Target:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return Target(WorkingTree(tmp_path, "mill"))


def names(resolution: cargo_test.Resolution) -> list[str]:
    return sorted(test.name for test in resolution.tests)


@pytest.mark.parametrize(
    ("line", "expected_names"),
    [
        ("cargo nextest run -p mill -E 'test(grind)'", ["grinds"]),
        ("cargo nextest run -p mill -E 'test(=agrees) or test(=rests)'", ["agrees"]),
        ("cargo nextest run -p mill -E 'binary(parity)'", ["agrees"]),
        ("cargo nextest run -p mill -E 'kind(lib) - test(stone) - test(sizes)'", ["grinds"]),
        ("cargo nextest run -p mill grinds agrees", ["agrees", "grinds"]),
        ("cargo nextest run -p mill -E 'test(grinds)' agrees", []),
        ("cargo nextest run -p mill --run-ignored only", ["rests"]),
        ("cargo nextest run -p mill --run-ignored all rests agrees", ["agrees", "rests"]),
        ("cargo nextest run -p mill --profile quick grinds agrees", ["agrees"]),
        ("cargo nextest run -p mill --profile quick --ignore-default-filter grinds", ["grinds"]),
        ("cargo nextest run --workspace --all-features -E 'test(fine)'", ["fine::grinds_finely"]),
        ("cargo llvm-cov nextest -p mill --lcov --output-path x grinds", ["grinds"]),
        ("cargo llvm-cov nextest run -p mill", []),
        ("cargo test -p mill any_stone", ["any_stone"]),
        ("cargo milltest agrees", ["agrees"]),
        ("cargo test -p mill sizes", ["sizes"]),
        ("cargo test -p mill case_2", []),
    ],
)
def test_names(line: str, expected_names: list[str], mill: Target) -> None:
    found = cargo_test.resolve(mill, shlex.split(line))
    assert (names(found), found.errors) == (expected_names, ())


@pytest.mark.parametrize(
    ("line", "is_maybe"),
    [
        ("cargo test -p mill case_2", True),
        ("cargo test -p mill case_1_coarse", True),
        ("cargo test -p mill sizes::case", True),
        ("cargo test -p mill nothing_like_it", False),
        ("cargo nextest run -p mill -E 'deps(x)'", True),
        ("cargo test -p mill --doc", True),
    ],
)
def test_maybes(line: str, is_maybe: bool, mill: Target) -> None:  # noqa: FBT001 - a table's column
    found = cargo_test.resolve(mill, shlex.split(line))
    assert bool(found.maybe) is is_maybe


def test_a_bad_expression_is_an_error(mill: Target) -> None:
    assert cargo_test.resolve(mill, ["cargo", "nextest", "run", "-E", "test("]).errors


def test_what_only_the_shell_knows_is_not_known(mill: Target) -> None:
    assert not cargo_test.resolve(mill, ["cargo", "test", "-p", "\ue000"]).known
    assert not cargo_test.resolve(mill, ["cargo", "test"], None).known


def test_a_member_folder_selects_its_package(mill: Target) -> None:
    assert "agrees" in names(cargo_test.resolve(mill, ["cargo", "test"], "mill"))
    assert not cargo_test.resolve(mill, ["cargo", "test"], "elsewhere").known


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cargo test -p mill grinds", "runs `grinds`"),
        ("cargo test -p mill grinds_finely", 'would exist only under `feature = "fine"`'),
        ("cargo test -p mill rests", "is ignored"),
        ("cargo test -p mill grindz", "the nearest name is `grinds`"),
        ("cargo test -p mil", "the nearest is `mill`"),
        ("cargo test -p mill --test partiy", "the nearest is `parity`"),
        ("cargo test -p mill s", "runs 4 tests of "),
    ],
)
def test_what_is_said_of_a_command(line: str, words: str, mill: Target) -> None:
    assert words in cargo_test.outcome(mill, shlex.split(line))


# --- Hostile input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "library",
    [
        "macro_rules! m { () => { #[test] fn found() {} " + "m!{} " * 100 + "} }\nm!{}",
        "macro_rules! m { ($($x:tt)*) => { #[test] fn found() {} m!{$($x)* $($x)*} } }\nm!{a b c}",
        "#[test] fn found() {}\nproptest! { #[test] " + "fn a(" * 20_000 + " }",
    ],
    ids=["fan-out", "doubling", "open parentheses"],
)
def test_macros_that_explode_are_cut_short(library: str, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n', "utf-8")
    (tmp_path / "src" / "lib.rs").write_text(library, "utf-8")
    found = cargo_test.resolve(Target(WorkingTree(tmp_path, "x")), ["cargo", "test", "found"])
    assert "found" in {test.name for test in found.tests}
