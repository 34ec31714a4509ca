use candle_core::{Device, Tensor};

#[test]
fn product() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    assert!((got[0] - want[0]).abs() < 1e-5);
}

#[test]
fn other() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let got = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    assert!((got[0] - want[0]).abs() < 1e-5);
}

