#![cfg(feature = "train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor, TensorData};
use candle_core::{Device, Tensor as CandleTensor};

type B = NdArray<f32>;

use qlora_rs::{dequantize_nf4, quantize_nf4};

#[test]
fn round_trip_agrees() {
    let n = 8usize;
    let dev = Device::Cpu;
    let (data, inputs) = (vec![0.25f32; 64], vec![0.5f32; 64]);
    let original = CandleTensor::from_vec(data.clone(), (n, n), &dev).unwrap();
    let packed = quantize_nf4(&original, 8).unwrap();
    let weights = dequantize_nf4(&packed, &dev).unwrap();
    let turned = weights.t().unwrap();
    let flat = turned.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let x = Tensor::<B, 2>::from_data(TensorData::new(inputs.clone(), [n, n]), &Default::default());
    let w = Tensor::<B, 2>::from_data(TensorData::new(flat.clone(), [n, n]), &Default::default());
    let left = x.matmul(w).into_data().to_vec::<f32>().unwrap();
    let candled = CandleTensor::from_vec(inputs, (n, n), &dev).unwrap();
    let right = candled.matmul(&turned).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    for (u, v) in left.iter().zip(right.iter()) {
        assert!((u - v).abs() < 5e-3);
    }
}
