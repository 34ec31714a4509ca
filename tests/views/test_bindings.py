from __future__ import annotations

import pytest

from pytest_mens.views import bindings, rust

SOURCE = """
use a::{LIMIT, lower};
const TOP: u8 = 1;

fn outer((first, S { second, third: other, .. }): T, Some(fourth) | Other(fourth): U) {
    let early = 1;
    let x = match value {
        Some(inner) if inner > 1 => { arm(); }
        n @ 1..=9 => { bound(); }
        _ => {}
    };
    for (index, item) in items { body(); }
    if let Some(found) = find() && found > 1 { taken(); } else { skipped(); }
    while let Ok(next) = queue.pop() { turn(); }
    let run = |left: u8, (right,)| { closure(); };
    let Some(kept) = maybe else { refused(); };
    select! {
        got = wait() => { token(); }
        (low, high) => inside(),
    }
    fn nested(own: u8) { const NEAR: u8 = 2; deep(); }
    let late = 2;
}

impl S { fn method(&self) { own(); } }
"""


@pytest.mark.parametrize(
    ("call", "present", "absent"),
    [
        (
            "arm",
            {"TOP", "LIMIT", "first", "second", "other", "fourth", "early", "inner"},
            {"x", "third", "lower", "late"},
        ),
        ("bound", {"n", "early"}, {"inner"}),
        ("body", {"index", "item", "x"}, {"found"}),
        ("find", {"early"}, {"found", "item"}),
        ("taken", {"found"}, {"index"}),
        ("skipped", {"x"}, {"found"}),
        ("turn", {"next"}, {"found"}),
        ("closure", {"left", "right"}, {"run", "next"}),
        ("refused", {"run"}, {"kept", "left"}),
        ("token", {"got", "kept"}, {"low", "late"}),
        ("deep", {"own", "NEAR", "TOP"}, {"first", "early"}),
        ("own", {"self", "TOP"}, {"first"}),
    ],
)
def test_visible_names_are_those_of_the_scopes_around(call: str, present: set[str], absent: set[str]) -> None:
    file = rust.parse(SOURCE)
    node = next(each.name_node for each in rust.calls(file) if each.callee == call)
    visible = bindings.visible(file, node)
    assert present <= visible
    assert not visible & absent


def test_bound_within_and_item_names() -> None:
    file = rust.parse(SOURCE)
    outer = rust.functions(file)[0].node
    assert {"first", "late", "low", "got", "own", "kept"} <= bindings.bound_within(file, outer)
    assert {"LIMIT", "lower", "TOP", "outer", "method"} <= bindings.item_names(file)
