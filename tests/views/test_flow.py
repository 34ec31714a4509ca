from __future__ import annotations

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import flow, rust
from pytest_mens.views.flow import Place

MANIFEST = '[package]\nname = "lab"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nserde = "1"\n'


def lab(root, files):
    for path, text in {"Cargo.toml": MANIFEST, **files}.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, "utf-8")
    return Target(WorkingTree(root, "tree"))


def enter(target, name, path="src/lib.rs"):
    (function,) = flow.source(target, path).functions[name]
    return flow.flow(target).enter(path, function)


def argument(frame, callee="see"):
    """Give the argument of the one call of `see`."""
    (call,) = [call for call in frame.body.calls if (made := frame.body.callee(call)) and made.name == callee]
    return Place(flow.arguments(call)[0], frame)


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ("see(1e-5);", 1e-5),
        ("see(-2_000.5f32);", -2000.5),
        ("see(0x10);", 16.0),
        ("let t = 1e-3; let t = t * 2.0; see(t);", 2e-3),
        ("let t = 1.0; { let t = 2.0; drop(t); } see(t);", 1.0),
        ("let (a, b) = (1.0, 2.0); see(b - a);", 1.0),
        ("let [a, b] = [1.0, 2.0]; see(b / a);", 2.0),
        ("let Pair { first, second: s } = Pair { first: 1.0, second: 3.0 }; see(s + first);", 4.0),
        ("let Some(x) = Some(7.0) else { return }; see(x);", 7.0),
        ("const HERE: f32 = 0.5; see(HERE);", 0.5),
        ("see(THERE as f64);", 1e-6),
        ("see(crate::deep::BELOW);", 0.25),
        ("use crate::deep::BELOW as UNDER; see(UNDER);", 0.25),
        ("see(f32::EPSILON);", 2.0**-23),
        ("see(std::f32::MAX);", 3.4028234663852886e38),
        ("see(10f32.powi(-4));", 1e-4),
        ("see(limit(3.0));", 6.0),
        ("see(1e-3_f32.max(2e-3));", 2e-3),
        ("let mut t = 1.0; t = 2.0; see(t);", None),
        ("see(unknown());", None),
        ("let t = 1.0; let f = |t: f32| see(t); f(t);", None),
        ("#[cfg(any())] let t = 9.0; see(t);", None),
    ],
)
def test_number(tmp_path, lines, value):
    files = {
        "src/lib.rs": "mod deep;\npub static THERE: f32 = 1e-6;\nfn limit(x: f32) -> f32 { x * 2.0 }\n"
        f"fn f() {{ {lines} }}\n",
        "src/deep.rs": "pub const BELOW: f32 = 0.25;\n",
    }
    target = lab(tmp_path, files)
    found = flow.flow(target).number(argument(enter(target, "f")))
    assert found == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("lines", "left", "right"),
    [
        ("for (u, v) in one.iter().zip(two.iter()) { see(u); other(v); }", "one", "two"),
        ("for (i, (&u, &v)) in one.iter().zip(&two).enumerate() { see(u); other(v); }", "one", "two"),
        ("one.iter().zip(two).for_each(|(u, v)| { see(u); other(v) });", "one", "two"),
        ("let (u, v) = pair(); see(u); other(v);", "first()", "second()"),
    ],
)
def test_sides(tmp_path, lines, left, right):
    pair = "fn pair() -> (f32, f32) { (first(), second()) }\n"
    text = f"{pair}fn f() {{ let one = first(); let two = second(); {lines} }}\n"
    frame = enter(lab(tmp_path, {"src/lib.rs": text}), "f")
    engine = flow.flow(Target(WorkingTree(tmp_path, "tree")))
    for name, wanted in (("see", left), ("other", right)):
        calls = {call.path[-1] for call in engine.trace(argument(frame, name)).calls}
        source = {"one": "first", "two": "second"}.get(wanted, wanted.removesuffix("()"))
        assert source in calls
        assert ({"first", "second"} - {source}).isdisjoint(calls)


def test_trace_follows_pushes_closures_helpers_and_uses(tmp_path):
    text = """
use outside::make as build;
type Kind = outside::Backend;
fn helper(x: f32) -> f32 { if x > 0.0 { return inner(x); } x }
fn f() {
    let mut all = Vec::new();
    let mut next = || pull();
    all.push(next());
    all.push(helper(build::<Kind>()));
    let text = "unrelated"; // not_called()
    see(all);
    drop((text, apart()));
}
"""
    target = lab(tmp_path, {"src/lib.rs": text})
    trace = flow.flow(target).trace(argument(enter(target, "f")))
    calls = {"::".join(call.path) for call in trace.calls}
    assert {"pull", "inner", "outside::make"} <= calls
    assert calls.isdisjoint({"apart", "not_called"})
    assert ("outside", "Backend") in trace.paths
    assert trace.strings == []


def test_macros_are_opened_in_place(tmp_path):
    text = 'fn f() {\n    // é\n    assert!(a.b() < vec![c, d][0], "{e}");\n    json!({"a": 1});\n}\n'
    target = lab(tmp_path, {"src/lib.rs": text})
    body = enter(target, "f").body
    (comparison,) = list(body.nodes("binary_expression"))
    assert body.text(comparison) == "a.b() < vec![c, d][0]"
    assert body.file.position(comparison) == (3, 13)
    assert [body.callee(call).name for call in body.calls] == ["assert", "b"]


def test_nothing_is_taken_from_elsewhere_when_ambiguous(tmp_path):
    files = {
        "src/lib.rs": "mod a;\nmod b;\nuse crate::a::*;\nfn f() { see(crate::some::LIMIT); other(serde::LIMIT); }\n",
        "src/a.rs": "pub const LIMIT: f32 = 1.0;\n",
        "src/b.rs": "pub const LIMIT: f32 = 2.0;\n",
    }
    target = lab(tmp_path, files)
    frame = enter(target, "f")
    assert flow.flow(target).number(argument(frame)) is None
    assert flow.flow(target).number(argument(frame, "other")) is None


def test_recursion_and_cycles_end(tmp_path):
    text = "fn g(x: f32) -> f32 { f(x) }\nfn f(x: f32) -> f32 { let mut y = x; y = y + f(g(y)); see(y); y }\n"
    target = lab(tmp_path, {"src/lib.rs": text})
    engine = flow.flow(target)
    place = argument(enter(target, "f"))
    assert engine.number(place) is None
    assert engine.trace(place).calls


def test_shared_with_the_base(tmp_path):
    text = "fn f() { see(1.0); }\n"
    target = lab(tmp_path / "head", {"src/lib.rs": text})
    body = enter(target, "f").body
    assert flow.source(target, "src/lib.rs").body(body.function) is body
    assert rust.file(target, "src/lib.rs") is body.file
