from __future__ import annotations

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import clap

MAIN = """
use clap::{Args, Parser, Subcommand, ValueEnum};
mod tail;

/// A tool.
#[derive(Parser)]
#[command(name = "tool", version)]
struct Root {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Args)]
struct Global {
    /// More words.
    #[arg(long, short = 'v', global = true)]
    verbose: bool,
}

#[derive(Clone, Default, ValueEnum)]
enum Shape {
    /// The plain one.
    PlainBox,
    #[default]
    #[value(name = "ball", alias = "sphere")]
    Round,
    #[value(hide = true)]
    HTTPShape,
}

#[derive(Subcommand)]
enum Action {
    /// Make one.
    ///
    /// In full.
    #[cfg(feature = "maker")]
    Make {
        #[arg(long, value_enum, default_value_t = Shape::PlainBox)]
        shape: Shape,
        #[arg(long = "count-of", default_value_t = 1_000usize)]
        count: usize,
        #[arg(long, default_value_t = 0.50)]
        share: f64,
        #[arg(long, default_value = crate::LIMIT)]
        limit: u32,
        #[arg(long, action = clap::ArgAction::Set)]
        loud: bool,
        #[arg(long)]
        quiet: bool,
        #[arg(long, num_args = 0..=1)]
        maybe: bool,
        #[arg(long, env = "TOOL_MODE", value_parser = ["fast", "slow"])]
        mode: Option<String>,
        #[arg(long, default_value_t)]
        other: Shape,
        input: std::path::PathBuf,
    },
    #[cfg(not(feature = "maker"))]
    #[command(name = "make")]
    MakeStub {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        _args: Vec<String>,
    },
    #[cfg(any())]
    Never,
    #[command(name = "drop-it", visible_alias = "drop", aliases = ["rm", "del"])]
    Drop,
    #[command(flatten)]
    Tail(tail::Tail),
    #[command(subcommand)]
    Deep(Box<tail::Deep>),
    // #[command(name = "commented")]
    Carry {
        #[arg(trailing_var_arg = true)]
        args: Vec<String>,
    },
}

pub const LIMIT: &str = "12";
const DOC: &str = r#"#[command(name = "mens")] enum Fake {}"#;
"""

TAIL = """
use clap::Subcommand;
#[derive(Subcommand)]
pub enum Tail {
    EvalGate { #[arg(long, visible_alias = "rules")] policy: String },
}
#[derive(clap::Parser)]
#[command(rename_all = "snake_case")]
pub enum Deep {
    #[command(about = "One \\
        two", long_about = include_str!("long.txt"))]
    DownThere,
}
"""


OTHER = """
#[derive(clap::Parser)]
struct Cli { #[arg(short)] x: bool }
fn main() { Cli::parse(); }
"""


@pytest.fixture
def target() -> Target:
    return Target(
        MemoryTree(
            {
                "tool/Cargo.toml": '[package]\nname = "tool-package"\n',
                "tool/src/main.rs": MAIN,
                "tool/src/tail.rs": TAIL,
                "tool/src/long.txt": "Long words.\nMore.\n",
                "other/Cargo.toml": '[package]\nname = "tool-carry"\n',
                "other/src/main.rs": OTHER,
            }
        )
    )


def test_programs_are_named_as_clap_names_them(target: Target) -> None:
    assert [known.name for known in clap.programs(target)] == ["tool-carry", "tool"]


def test_subcommands_with_flattened_and_nested_ones(target: Target) -> None:
    root = clap.program(target, "tool")
    assert root
    assert [" ".join(path) for path, _ in root.walk()] == [
        "tool", "tool make", "tool drop-it", "tool eval-gate", "tool deep", "tool deep down_there", "tool carry",
    ]  # fmt: skip
    drop = root.find(["rm"])
    assert drop
    assert (drop.visible_aliases, drop.names) == (("drop",), ("drop-it", "rm", "del", "drop"))


def test_arguments(target: Target) -> None:
    found = clap.resolve(target, ["tool", "make", "--shape"])
    assert found
    assert found.rest == ("--shape",)
    make = found.command
    assert {known.id: known.takes_value for known in make.arguments} == {
        "shape": True, "count": True, "share": True, "limit": True, "loud": True, "quiet": False, "maybe": True,
        "mode": True, "other": True, "input": True,
    }  # fmt: skip
    assert {known.id: known.default for known in make.arguments if known.default} == {
        "shape": "plain-box", "count": "1000", "share": "0.5", "limit": "12", "other": "ball",
    }  # fmt: skip
    shape = make.argument("--shape")
    mode = make.argument("--mode")
    assert shape
    assert mode
    assert [value.name for value in shape.values or ()] == ["plain-box", "ball", "http-shape"]
    assert (shape.accepts("sphere"), shape.accepts("PlainBox")) == (True, False)
    assert (mode.env, [value.name for value in mode.values or ()]) == ("TOOL_MODE", ["fast", "slow"])
    assert make.argument("--count-of")
    assert not make.argument("--count")
    assert found.argument("--verbose")
    assert found.argument("-v")


def test_what_hands_on_is_followed(target: Target) -> None:
    found = clap.resolve(target, ["tool", "carry", "-x"])
    assert found
    assert found.command.place.path == "other/src/main.rs"
    assert clap.resolve(target, ["nothing"]) is None


def test_a_nested_stub_is_not_taken_for_a_command_of_its_name() -> None:
    handed = "#[arg(allow_hyphen_values = true, trailing_var_arg = true)]"
    main = f"""
use clap::{{Parser, Subcommand}};
#[derive(Parser)]
#[command(name = "tool")]
struct Root {{ #[command(subcommand)] action: Action }}
#[derive(Subcommand)]
enum Action {{
    Make {{ {handed} args: Vec<String> }},
    More {{ #[command(subcommand)] more: More }},
}}
#[derive(Subcommand)]
enum More {{ Make {{ {handed} args: Vec<String> }} }}
#[derive(Subcommand)]
enum Elsewhere {{ Make {{ #[arg(long)] shape: String }} }}
"""
    target = Target(MemoryTree({"Cargo.toml": '[package]\nname = "tool"\n', "src/main.rs": main}))
    direct = clap.resolve(target, ["tool", "make", "--shape"])
    nested = clap.resolve(target, ["tool", "more", "make", "--shape"])
    assert direct is not None
    assert direct.argument("--shape") is not None
    assert nested is not None
    assert nested.command.pass_through


def test_texts_know_where_they_stand(target: Target) -> None:
    root = clap.program(target, "tool")
    assert root
    make, deep = root.find(["make"]), root.find(["deep", "down_there"])
    assert make
    assert deep
    (doc,) = make.texts
    assert doc.value == "Make one.\n\nIn full."
    line = MAIN[: MAIN.index("In full.")].count("\n") + 1
    assert doc.position(doc.value.index("full")) == (line, 12)
    about, long_about = deep.texts
    assert about.value == "One two"
    assert about.position(4) == (TAIL[: TAIL.index("two")].count("\n") + 1, 9)
    assert (long_about.path, long_about.position(13)) == ("tool/src/long.txt", (2, 2))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MobileEdge", "mobile-edge"),
        ("HTTPServer", "http-server"),
        ("A100", "a100"),
        ("Qwen4080Fast", "qwen4080-fast"),
        ("snake_case_name", "snake-case-name"),
        ("TrainUv", "train-uv"),
    ],
)
def test_kebab_case(name: str, expected: str) -> None:
    assert clap.rename(name, "kebab-case") == expected


@pytest.mark.parametrize(
    ("casing", "expected"),
    [
        ("snake_case", "two_words"),
        ("SCREAMING_SNAKE_CASE", "TWO_WORDS"),
        ("camelCase", "twoWords"),
        ("PascalCase", "TwoWords"),
        ("lower", "twowords"),
        ("UPPER", "TWOWORDS"),
        ("verbatim", "TwoWords"),
    ],
)
def test_other_casings(casing: str, expected: str) -> None:
    assert clap.rename("TwoWords", casing) == expected
