use candle_core::{Device, Tensor};

mod near;

#[test]
fn literal() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    for (u, v) in got.iter().zip(want.iter()) {
        assert!((u - v).abs() < 1e-3);
    }
}

#[test]
fn constant_of_the_crate() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    assert!((got[0] - want[0]).abs() <= lab::WIDE);
}

#[test]
fn shadowed() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    let tol = 1e-6f32;
    let tol = tol * 1e4;
    assert!(tol > (got[0] - want[0]).abs());
}

#[test]
fn maximum() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    let worst = got.iter().zip(&want).map(|(u, v)| (u - v).abs()).fold(0f32, f32::max);
    assert!(worst < 0.01);
}

#[test]
fn never() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    assert!((got[0] - want[0]).abs() < f32::MAX);
}

#[test]
fn fails_when_large() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    for (u, v) in got.iter().zip(&want) {
        if (u - v).abs() > 0.02 {
            panic!("apart");
        }
    }
    assert!(!got.iter().any(|u| (u - 2.0).abs() > 0.03));
}

#[test]
fn passed_on() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    near::same(got[0], want[0], 5e-4);
}

#[test]
fn in_the_helper() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    near::fixed(got[0], want[0]);
}

#[test]
fn a_macro() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    approx::assert_abs_diff_eq!(got[0], want[0], epsilon = 1e-2);
}

