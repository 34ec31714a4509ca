from __future__ import annotations

import pytest

from pytest_mens.model import UnreadableError
from pytest_mens.views import equivalence, layers, rust
from pytest_mens.views.terms import Term, atom, name, number, rewrite

RULES = equivalence.Rules(("val",), {"mul_scalar": "*"})


def result(text: str) -> Term:
    functions = rust.functions(rust.parse(text))
    by_name = {(function.owner, function.name): function for function in functions}
    return equivalence.compute(functions[0], RULES, lambda owner, called: by_name.get((owner, called))).result


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fn f(a: f32, b: f32) -> f32 { a * b + 1.0 }", "fn g(x: f32, y: f32) -> f32 { 1f32 + (y * x) }"),
        ("fn f(r: f32, i: f32, o: f32) -> f32 { r * (i + o) }", "fn f(r: f32, i: f32, o: f32) -> f32 { i*r + r*o }"),
        ("fn f(a: f32, r: f32) -> f32 { a / r }", "fn f(a: f32, r: f32) -> f32 { let k = 1.0 / r; return k * a; }"),
        ("fn f(a: u8) -> f32 { a as f32 / 0x10 as f32 }", "fn f(a: u8) -> f32 { (a.clone() as f32) / 1_6.0 }"),
        (
            "fn f(a: i8, b: i8) -> i8 { if a > b { return a; } b - a }",
            "fn g(x: i8, y: i8) -> i8 { let d = -x + y; if !(y < x) { d } else { x } }",
        ),
        (
            "fn f(a: u8, b: u8) -> u8 { let mut s = 0; for i in 0..a { s += i * b; } s }",
            "fn g(x: u8, y: u8) -> u8 { let mut t = 0; for k in 0..x { t = t + y * k; } return t; }",
        ),
        ("fn f(a: (u8, u8)) -> u8 { let (x, y) = a; x - y }", "fn g(t: (u8, u8)) -> u8 { t.0 - t.1 }"),
        (
            "fn f(&self) -> u8 { let Self { a, b: c, .. } = self; a.iter().map(|x| x * c).sum() }",
            "fn g(&self) -> u8 { self.a.iter().map(|&y| self.b * y).sum() }",
        ),
        (
            "fn f(a: Option<u8>) -> u8 { match a { Some(x) => x + 1, None => 0 } }",
            "fn f(b: Option<u8>) -> u8 { match b { Some(y) => { 1 + y } None => 0, } }",
        ),
        ("fn f(a: u8) -> u8 { { let a = 3; g(a); } a }", "fn f(a: u8) -> u8 { g(3); a }"),
        ("fn f(w: &W) -> usize { w.dims()[1] }", "fn f(w: &W) -> usize { let [_, r] = w.dims(); r }"),
        ("fn f(a: T, s: f32) -> T { a.mul_scalar(s).val() }", "fn f(a: T, s: f32) -> T { s * a }"),
        ("fn f(a: T) -> T { assert!(a.ok()); a }", 'fn f(a: T) -> T { println!("{a}"); a }'),
        (
            "fn f(a: u8) -> u8 { twice(a) + 1 } fn twice(x: u8) -> u8 { let y = x; y + x }",
            "fn f(a: u8) -> u8 { 1 + a * 2 }",
        ),
        (
            "fn f(&self) -> L { let mut m = self.base.clone(); m.weight = 1; m }",
            "fn f(&self) -> L { let mut other = self.base.clone(); { other.weight = 1; } other }",
        ),
        ("fn f(a: bool) -> u8 { match a { true => 1, false => 2 } }", "fn f(a: bool) -> u8 { if !a { 2 } else { 1 } }"),
    ],
)
def test_equal_up_to_spelling(one: str, other: str) -> None:
    assert result(one) == result(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fn f(a: f32, b: f32) -> f32 { a / b }", "fn f(a: f32, b: f32) -> f32 { b / a }"),
        ("fn f(a: f32, b: f32) -> f32 { a - b }", "fn f(a: f32, b: f32) -> f32 { b - a }"),
        ("fn f(a: T, b: T) -> T { a.matmul(b) }", "fn f(a: T, b: T) -> T { b.matmul(a) }"),
        ("fn f(a: u8) -> u8 { if a > 1 { 2 } else { 3 } }", "fn f(a: u8) -> u8 { if a >= 1 { 2 } else { 3 } }"),
        ("fn f(a: u8) -> u8 { for i in 0..a { g(i); } a }", "fn f(a: u8) -> u8 { for i in 0..a { h(i); } a }"),
        ("fn f(a: u8) -> u8 { let a = a + 1; a }", "fn f(a: u8) -> u8 { { let a = a + 1; } a }"),
    ],
)
def test_different(one: str, other: str) -> None:
    assert result(one) != result(other)


def test_terms_that_share_their_parts_stay_small() -> None:
    steps = "".join(f"let x = g(x + {index}, x * x + 3);" for index in range(60))
    assert len(result(f"fn f(x: u8) -> u8 {{ {steps} x }}").text) < 5000


def test_literals_without_end() -> None:
    assert result("fn f() -> f32 { 1e999999999 }").text.startswith("literal")
    assert result(f"fn f() -> u8 {{ {'9' * 5000} }}").text.startswith("literal")
    assert result("fn f() -> u8 { " + "let x = 99999999999; " + "let x = x * x; " * 60 + "x }").text


def test_a_body_with_an_error_is_not_compared() -> None:
    with pytest.raises(UnreadableError):
        result("fn f() -> u8 { let = ; 1 }")


def test_steps_lead_back_to_the_source() -> None:
    file = rust.parse("fn f(a: u8) -> u8 {\n    let b = a + 1;\n    b * 2\n}")
    computed = equivalence.compute(rust.functions(file)[0], RULES)
    step = computed.first(lambda step: step.term == computed.result)
    assert step is not None
    assert file.position(step.node) == (3, 5)


def test_rewrite_simplifies() -> None:
    term = atom("f", name("x") + number(1)) / (name("y") + name("z"))
    changed = rewrite(term, lambda a: number(2) if a.kind == "name" and a.parts[0] in ("y", "z") else None)
    assert changed == atom("f", name("x") + number(1)) / number(4)


WORDS = layers.Vocabulary(("base", "a", "b"), "weight", "forward", "matmul", ("dropout",))


def chains(text: str) -> str:
    return layers.shown(layers.chains(result(f"fn f(&self, x: T) -> T {{ {text} }}"), WORDS))


def test_calls_and_weights_are_the_same_map() -> None:
    called = chains("self.base.forward(x.clone()) + self.b.forward(self.a.forward(x)) * self.s")
    product = chains("self.s * self.a.weight.val().matmul(self.b.weight.val()) + self.base.weight.val()")
    assert called == product
    assert called != chains("self.base.forward(x) + self.b.forward(self.a.forward(x))")
    assert called != chains("self.base.weight + self.b.weight.matmul(self.a.weight) * self.s")


def test_dropout_counts_on_the_base_only() -> None:
    plain = chains("self.base.forward(x) + self.b.forward(self.a.forward(x))")
    assert plain == chains("self.base.forward(x) + self.b.forward(self.dropout.forward(self.a.forward(x)))")
    assert plain == chains("self.base.forward(x) + self.b.forward(self.a.forward(self.dropout.forward(x)))")
    assert plain != chains("self.dropout.forward(self.base.forward(x)) + self.b.forward(self.a.forward(x))")
    assert plain != chains("let x = self.dropout.forward(x); self.base.forward(x) + self.b.forward(self.a.forward(x))")
