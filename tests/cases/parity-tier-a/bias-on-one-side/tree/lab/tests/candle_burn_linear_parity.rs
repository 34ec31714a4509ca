#![cfg(feature = "train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor, TensorData};
use candle_core::{Device, Tensor as CandleTensor};

type B = NdArray<f32>;

#[test]
fn layers_agree() {
    let n = 4usize;
    let data = vec![1f32; 16];
    let burned = Tensor::<B, 2>::from_data(TensorData::new(data.clone(), [n, n]), &Default::default());
    let shift = Tensor::<B, 1>::from_data(TensorData::new(data[..4].to_vec(), [n]), &Default::default());
    let left = burned.clone().matmul(burned) + shift.reshape([1, n]);
    let candled = CandleTensor::from_vec(data.clone(), (n, n), &Device::Cpu).unwrap();
    let bias = CandleTensor::from_vec(data[..4].to_vec(), n, &Device::Cpu).unwrap();
    let right = candled.matmul(&candled).unwrap();
    let (left, right) = (left.into_data().to_vec::<f32>().unwrap(), right.flatten_all().unwrap().to_vec1::<f32>().unwrap());
    let worst = left.iter().zip(&right).map(|(u, v)| (u - v).abs()).fold(0f32, f32::max);
    assert!(worst <= 1e-4);
}

