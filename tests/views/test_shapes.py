from __future__ import annotations

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import flow, shapes
from pytest_mens.views.flow import Place


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("see(Tensor::from_vec(v, (m, k), &dev)?);", "[m, k]"),
        ("see(Tensor::from_vec(v, m, &dev)?);", "[m]"),
        ("see(Tensor::from_slice(&v, &[m, k], &dev)?);", "[m, k]"),
        ("see(Tensor::zeros((2, 3), DType::F32, &dev)?);", "[2, 3]"),
        ("see(Tensor::randn(0f32, 1f32, (m, 4), &dev)?);", "[m, 4]"),
        ("see(Tensor::<B, 2>::from_data(TensorData::new(v, [m, k]), &dev));", "[m, k]"),
        ("see(Tensor::<B, 3>::from_data(data, &dev));", "[_, _, _]"),
        ("see(Tensor::from_floats([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], &dev));", "[3, 2]"),
        ("let shape = (m, k); see(Tensor::ones(shape, DType::F32, &dev)?);", "[m, k]"),
        ('see(vb.get((m, k), "weight")?);', "[m, k]"),
        ("see(x.reshape((m, k))?.t()?);", "[k, m]"),
        ("see(x.reshape([m, 2, k]).swap_dims(0, 1));", "[2, m, k]"),
        ("see(x.reshape((m, 2, k))?.transpose(1, 2)?.contiguous()?);", "[m, k, 2]"),
        ("see(x.reshape((m, k))?.unsqueeze(0)?);", "[1, m, k]"),
        ("see(x.reshape(m)?.unsqueeze(D::Minus1)?);", "[m, 1]"),
        ("see(x.reshape([m]).unsqueeze::<3>());", "[1, 1, m]"),
        ("let y: Tensor<B, 2> = x.reshape([m]).unsqueeze(); see(y);", "[1, m]"),
        ("see(x.reshape([m]).unsqueeze_dim::<2>(1));", "[m, 1]"),
        ("see(x.reshape((m, 1, k))?.squeeze(1)?);", "[m, k]"),
        ("see(x.reshape((m, k))?.narrow(1, 0, 2)?);", "[m, _]"),
        ("see(x.reshape((m, k))?.matmul(&x.reshape((k, 9))?)?);", "[m, 9]"),
        ("see(x.reshape((m, k))? + x.reshape(k)?);", "[m, k]"),
        ("see(x.reshape((m, k)).and_then(|y| y.broadcast_add(&b)).unwrap());", "[m, k]"),
        ("see(if m > 1 { x.reshape((m, k))? } else { x.reshape((m, 3))? });", "[m, _]"),
        ("see(keep(&x.reshape((m, k))?)?);", "[m, k]"),
        ("see(row(&x, m)?);", "[1, m]"),
        ("let (a, b) = x.dims2()?; drop(a); see(x);", "[a, b]"),
        ("let [a, b, c] = x.dims(); drop(a); see(x);", "[a, b, c]"),
        ("see(typed);", "[_, _, _, _]"),
        ("see(x);", None),
        ("see(y.forward(x)?);", None),
        ("let mut z = x.reshape((m, k))?; z = other(z); see(z);", None),
    ],
)
def test_shape(tmp_path, lines, shown):
    text = (
        "fn row(t: &Tensor, n: usize) -> Result<Tensor> { t.reshape((1, n)) }\n"
        f"fn f(x: Tensor, typed: Tensor<B, 4>, m: usize, k: usize, b: Tensor) {{ {lines} }}\n"
    )
    (tmp_path / "lib.rs").write_text(text, "utf-8")
    target = Target(WorkingTree(tmp_path, "tree"))
    (function,) = flow.source(target, "lib.rs").functions["f"]
    frame = flow.flow(target).enter("lib.rs", function)
    (call,) = [call for call in frame.body.calls if frame.body.callee(call).name == "see"]
    found = shapes.shapes(target, ["keep"]).shape(Place(flow.arguments(call)[0], frame))
    assert (None if found is None else shapes.show(found)) == shown


def test_dimensions_differ_only_when_surely():
    named, other = shapes.Dim("m", settled=True), shapes.Dim("k", settled=True)
    assert shapes.differ(named, other)
    assert not shapes.differ(named, named)
    assert not shapes.differ(named, None)
    assert not shapes.differ(named, shapes.Dim("x.dim(0)"))
    assert shapes.differ(shapes.Dim("m", 8.0), shapes.Dim("k", 13.0))
    assert not shapes.differ(shapes.Dim("m", 8.0, settled=True), shapes.Dim("k", 8.0, settled=True))
