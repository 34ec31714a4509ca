use candle_core::{DType, Device, Tensor};

fn product() -> Vec<f32> {
    let a = Tensor::ones((2, 2), DType::F32, &Device::Cpu).unwrap();
    a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
}

#[test]
fn times() {
    let got = product();
    assert!((got[0] - 2.0).abs() < 1e-3 * 10.0);
}

#[test]
fn of_constants() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::WIDE);
}

#[test]
fn an_element() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::STEPS[1]);
}

#[test]
fn a_field() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::LIMITS.far);
}

#[test]
fn a_function() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::wide());
}

#[test]
fn a_power() {
    let got = product();
    assert!((got[0] - 2.0).abs() < 10f32.powi(-3));
}

#[test]
fn a_path() {
    let got = product();
    assert!((got[0] - 2.0).abs() < f32::powi(10.0, -2));
}

#[test]
fn a_root() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::BASE.sqrt());
}

#[test]
fn a_block() {
    let got = product();
    assert!((got[0] - 2.0).abs() < { 1.0 / 1000.0 });
}

#[test]
fn smaller() {
    let got = product();
    assert!((got[0] - 2.0).abs() < f32::max(1e-3, 1e-6));
}

#[test]
fn tight_element() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::STEPS[0]);
}

#[test]
fn tight_field() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::LIMITS.near);
}

#[test]
fn tight_power() {
    let got = product();
    assert!((got[0] - 2.0).abs() < 10f32.powi(-5));
}

#[test]
fn tight_product() {
    let got = product();
    assert!((got[0] - 2.0).abs() < 1e-3 * 0.01);
}

#[test]
fn unknown_scale() {
    let got = product();
    assert!((got[0] - 2.0).abs() < scale());
}

#[test]
fn unknown_element() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::STEPS[pick()]);
}

#[test]
fn tight_sum() {
    let got = product();
    assert!((got[0] - 2.0).abs() < lab::BASE + 1e-5);
}
