use candle_core::{Device, Tensor};

#[test]
fn elementwise() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    for (u, v) in got.iter().zip(want.iter()) {
        assert!((u - v).abs() < 1e-5);
        assert!(1e-4 >= (u - v).abs());
    }
}

#[test]
fn statistics() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    let mean = got.iter().zip(&want).map(|(u, v)| (u - v).abs()).sum::<f32>() / 4.0;
    assert!(mean < 0.5);
}

#[test]
fn constant() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    assert!(got.iter().zip(&want).all(|(u, v)| (u - v).abs() < TIGHT));
}

const TIGHT: f32 = 2.0 * 1e-6;

#[test]
fn training_goes_down() {
    let device = Device::Cpu;
    let loss = Tensor::ones(1, candle_core::DType::F32, &device).unwrap();
    loss.backward().unwrap();
    let last = loss.to_scalar::<f32>().unwrap();
    assert!((last - 0.5).abs() < 1e-2);
    let rate = 0.1;
    assert!((rate - 0.1f64).abs() < 1e-12);
}
