from __future__ import annotations

import pytest

from pytest_mens.views import rust, statements


def read(comment):
    file = rust.parse(f"fn f() {{\n{comment}\n}}\n")
    (function,) = rust.functions(file)
    _, inside, _ = statements.around(file, function)
    return inside


@pytest.mark.parametrize(
    ("comment", "names"),
    [
        ("// A = [in, rank] and B = [rank, out].", {"A": ("in", "rank"), "B": ("rank", "out")}),
        ("// lora_a: [in, rank], lora_b: (rank, out)", {"lora_a": ("in", "rank"), "lora_b": ("rank", "out")}),
        ("// `W` stored as `[out, in]`", {"W": ("out", "in")}),
        ("// weight `[d_in, d_out]`", {"weight": ("d_in", "d_out")}),
        ("// Aᵀ [in, rank]", {"A": ("rank", "in")}),
        ("// delta: [in, rank] @ [rank, out]", {}),
        ("// x [b, in] @ w: [in, out]", {"x": ("b", "in"), "w": ("in", "out")}),
        ("/* q /* nested */ k [batch * seq, .., 2*d] */", {"k": ("batch*seq", "..", "2*d")}),
    ],
)
def test_names(comment, names):
    (statement,) = read(comment)
    assert dict(statement.names) == names


@pytest.mark.parametrize(
    ("comment", "inner"),
    [
        ("// B @ A, A = [in, rank], B = [rank, out]", ("out", "in")),
        ("// A @ B, A = [in, rank], B = [rank, out]", None),
        ("// [m, k] @ [n, k]", ("k", "n")),
        ("// x [b, in] @ Wᵀ [in, out]", None),
        ("// W [out, in]; x [b, in] @ W^T", None),
        ("// W [out, in]; x [b, in] @ W", ("in", "out")),
        ("// x [b, in] @ w [in_features, out]", None),
        ("// x [.., 3] @ w [k, n]", None),
        ("// x @ w", None),
    ],
)
def test_products(comment, inner):
    found = [product.contradiction for one in read(comment) for product in one.products]
    assert found == [inner]


def test_adjacent_lines_are_one_statement_at_their_places():
    first, second = read("// é W [out, in]\n// x [b, in] @ W\n\n// [a, b] @ [b, c]\nlet x = 1; // no shape (here)")
    assert (first.first_line, second.first_line) == (2, 5)
    (product,) = first.products
    assert (product.line, product.column) == (3, 14)
    assert product.contradiction == ("in", "out")


@pytest.mark.parametrize("comment", ["// see [`Linear::merge`] (e.g. this)", "// a list [0]", "// mail me @ home"])
def test_prose_states_no_shape(comment):
    assert not any(one.shapes for one in read(comment))
