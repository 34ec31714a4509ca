from __future__ import annotations

from pytest_mens.views import messages, rust

SHOWING = messages.Showing(
    formatted={"bail": 0, "ensure": 1}, methods=("context",), closures=("with_context", "ok_or_else"),
    functions=("Error::msg",),
)  # fmt: skip

SOURCE = """
fn f() {
    bail!("a {} {k}", 1, k = 2);
    x::ensure!(a::<B, C>(1), "b");
    ensure!(only);
    bail!(texts::CONSTANT);
    bail!(b"bytes");
    r.context("c").with_context(|| "d").with_context(|| { log(); String::from("e") });
    r.ok_or_else(|| "g".to_string()).with_context(|| format!("h"));
    anyhow::Error::msg("i");
    Error::message("no");
    context("no");
}
macro_rules! m { ($($arg:tt)*) => { bail!("j {}", $($arg)*) }; }
"""


def test_messages_of_macros_and_calls() -> None:
    found = [
        (each.shown_by, each.formatted, each.literal.value if each.literal else None, each.positional, each.named)
        for each in messages.messages(rust.parse(SOURCE), SHOWING)
    ]
    assert found == [
        ("bail!", True, "a {} {k}", 1, ("k",)),
        ("ensure!", True, "b", 0, ()),
        ("bail!", False, None, 0, ()),
        ("bail!", True, None, 0, ()),
        ("bail!", True, "j {}", 1, ()),
        ("context", False, "c", 0, ()),
        ("with_context", False, "d", 0, ()),
        ("with_context", False, "e", 0, ()),
        ("ok_or_else", False, "g", 0, ()),
        ("with_context", False, None, 0, ()),
        ("msg", False, "i", 0, ()),
    ]
    constant, hidden = (list(messages.messages(rust.parse(SOURCE), SHOWING))[at] for at in (2, 4))
    assert constant.constant == ("texts", "CONSTANT")
    assert not hidden.counted
