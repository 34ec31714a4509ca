use candle_core::{Device, Tensor};

#[test]
fn product() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let out = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    assert!((out[0] - want[0]).abs() < 5e-6);
}

#[test]
fn other() {
    let dev = Device::Cpu;
    let a = Tensor::ones((2, 2), candle_core::DType::F32, &dev).unwrap();
    let out = a.matmul(&a).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let want = [2.0f32; 4];
    assert!((out[0] - want[0]).abs() < 1e-7);
}

