from __future__ import annotations

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import comparisons, flow

HELPERS = """
fn near(a: f32, b: f32, t: f32) { assert!((a - b).abs() < t); }
fn fixed(a: f32, b: f32) -> bool { (a - b).abs() <= 0.25 }
fn furthest(a: &[f32], b: &[f32]) -> f32 { a.iter().zip(b).map(|(u, v)| (u - v).abs()).fold(0.0, f32::max) }
"""


def sites(tmp_path, lines):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/a.rs").write_text(f"#[test]\nfn f() {{\n{lines}\n}}\n{HELPERS}", "utf-8")
    target = Target(WorkingTree(tmp_path, "tree"))
    (function,) = flow.source(target, "tests/a.rs").functions["f"]
    engine = flow.flow(target)
    return comparisons.sites(engine, engine.enter("tests/a.rs", function))


@pytest.mark.parametrize(
    ("lines", "value", "left", "right"),
    [
        ("assert!((a - b).abs() < 1e-5);", 1e-5, "a", "b"),
        ("assert!(1e-5 >= (a - b).abs());", 1e-5, "a", "b"),
        ("assert!(f32::abs(a - b) < 1e-5);", 1e-5, "a", "b"),
        ("let d = a - b; assert!(d.abs() < 1e-5);", 1e-5, "a", "b"),
        ("assert!(!((a - b).abs() > 1e-5));", 1e-5, "a", "b"),
        ("if (a - b).abs() > 1e-5 { panic!(); }", 1e-5, "a", "b"),
        ("if !((a - b).abs() < 1e-5) { return; }", 1e-5, "a", "b"),
        ("assert!(x.iter().zip(&y).all(|(u, v)| (u - v).abs() < 1e-5));", 1e-5, "u", "v"),
        ("let w = x.iter().zip(y).map(|(u, v)| (u - v).abs()).fold(0f32, f32::max); assert!(w < 0.5);", 0.5, "u", "v"),
        ("let mut w = 0f32; for i in 0..4 { w = w.max((x[i] - y[i]).abs()); } assert!(w < 0.5);", 0.5, "x[i]", "y[i]"),
        ("let mut d = vec![]; d.push((a - b).abs()); assert!(d.iter().all(|e| *e < 0.5));", 0.5, "a", "b"),
        ("assert!(x.sub(&y).unwrap().abs().unwrap().max_all().unwrap() < 0.5);", 0.5, "x", "&y"),
        ("assert!(furthest(&x, &y) < 0.5);", 0.5, "u", "v"),
        ("near(a, b, 0.5);", 0.5, "a", "b"),
        ("assert!(fixed(a, b));", 0.25, "a", "b"),
        ("assert_relative_eq!(a, b, epsilon = 0.5);", 0.5, "a", "b"),
        ("assert_close(a, b, 0.5);", 0.5, "a", "b"),
        ("x.into_data().assert_approx_eq(&y.into_data(), 3);", 1e-3, "x.into_data()", "&y.into_data()"),
        ("x.assert_approx_eq::<f32>(&y, Tolerance::rel_abs(0.1, 0.5));", 0.5, "x", "&y"),
        ("assert_eq!(x, y);", 0.0, "x", "y"),
    ],
)
def test_forms(tmp_path, lines, value, left, right):
    (site,) = sites(tmp_path, lines)
    assert site.value == pytest.approx(value)
    assert (site.left.text, site.right.text) == (left, right)
    assert not site.relative


@pytest.mark.parametrize(
    "lines",
    [
        "assert!((a - b).abs() / b.abs() < 1e-2);",
        "assert!((a - b).abs() < 1e-2 * b.abs());",
        "assert!((a - b).abs() < 1e-6 + 1e-2 * b.abs());",
    ],
)
def test_relative(tmp_path, lines):
    (site,) = sites(tmp_path, lines)
    assert site.relative
    assert site.value == pytest.approx(1e-2)


@pytest.mark.parametrize(
    "lines",
    [
        "assert!((a - b).abs() > 1e-5);",
        "if (a - b).abs() < 1e-5 { panic!(); }",
        "assert!(!((a - b).abs() < 1e-5));",
        "let m = x.iter().zip(y).map(|(u, v)| (u - v).abs()).sum::<f32>() / 4.0; assert!(m < 0.5);",
        "let m = x.iter().fold(0.0, |s, d| s + (d - 1.0).abs()); assert!(m < 0.5);",
        "let m = x.iter().sum::<f32>() / 4.0; assert!((m - 0.25).abs() < 0.5);",
        "assert!(a < b);",
        "// assert!((a - b).abs() < 1e-5);",
        'let s = "(a - b).abs() < 1e-5"; drop(s);',
        "fn inner(a: f32) -> bool { (a - 1.0).abs() < 0.5 }",
    ],
)
def test_no_comparison_within_a_tolerance(tmp_path, lines):
    assert sites(tmp_path, lines) == []


def test_a_sum_that_is_the_expected_value(tmp_path):
    (site,) = sites(
        tmp_path, "let dot = x.iter().zip(y).map(|(u, v)| u * v).sum::<f32>(); assert!((a - dot).abs() < 0.5);"
    )
    assert site.value == pytest.approx(0.5)


def test_where_a_finding_belongs(tmp_path):
    passed, fixed = sites(tmp_path, "near(a, b, 0.5);\nfixed(a, b);")
    assert passed.anchor.position == (3, 1)
    assert passed.place.position[0] > 5
    assert fixed.anchor is fixed.place


def test_values_that_feed_on_themselves_end(tmp_path):
    doubled = "".join(f"let v{n} = v{n - 1} + v{n - 1};\n" for n in range(1, 60))
    lines = f"const LOOP: f32 = LOOP;\nlet mut y = a; y = y + y; let v0 = y;\n{doubled}assert!((a - b).abs() < LOOP);"
    (site,) = sites(tmp_path, f"{lines}\nassert!(v59 < 1.0);\nassert!(y.max(v59) < v59);")
    assert site.value is None
