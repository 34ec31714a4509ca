from __future__ import annotations

from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import surface

LAYOUT = surface.Layout(("tool",), "make", (), ("box {root}",), (), {"kind": "KINDS"})

MAIN = """
use clap::Subcommand;
pub const KINDS: &[&str] = &["one", "two"];
#[derive(Subcommand)]
#[command(name = "tool")]
pub enum Tool {
    #[command(visible_alias = "m", alias = "secret")]
    Make {
        #[arg(long, short, default_value_t = 3)]
        kind: u8,
        #[arg(long, hide = true)]
        hidden: bool,
        #[arg(long)]
        switch: bool,
    },
    #[command(hide = true)]
    Internal,
}
fn check(kind: &str) -> bool { kind == "any" }
"""


def build(text: str) -> surface.Surface:
    return surface.surface_of(Target(MemoryTree({"src/main.rs": text.encode()})), LAYOUT)


def test_facts() -> None:
    assert set(build(MAIN).facts) == {
        ("command", "box", "tool"),
        ("command", "box", "tool", "make"),
        ("alias", "box", "tool", "make", "m"),
        ("unshown alias", "box", "tool", "make", "secret"),
        ("flag", "box", "tool", "make", "--kind"),
        ("flag", "box", "tool", "make", "-k"),
        ("value of", "box", "tool", "make", "--kind"),
        ("default", "box", "tool", "make", "--kind", "3"),
        ("flag", "box", "tool", "make", "--switch"),
        ("value", "--kind", "one"),
        ("value", "--kind", "two"),
    }


def test_special_values_are_accepted_but_no_facts() -> None:
    found = build(MAIN)
    (argument,) = found.arguments("--kind")
    values = found.values(argument)
    assert values
    assert values[0] == ("one", "two", "any")


def test_difference_gives_the_topmost_facts() -> None:
    old = build(MAIN).facts
    new = build(MAIN.replace("    Make {", "    Build {").replace("default_value_t = 3", "default_value_t = 4")).facts
    gone, come = surface.difference(old, new)
    assert [fact.text for fact in gone] == ["`box tool make`"]
    assert [fact.text for fact in come] == ["`box tool build`"]
    gone, come = surface.difference(old, build(MAIN.replace("default_value_t = 3", "default_value_t = 4")).facts)
    assert [(fact.kind, fact.name) for fact in (*gone, *come)] == [("default", "--kind"), ("default", "--kind")]


def test_command_lines_lead_to_commands() -> None:
    found = build(MAIN).resolve(["box", "tool", "secret", "--kind"])
    assert found
    assert (found.command.name, found.rest) == ("make", ("--kind",))
