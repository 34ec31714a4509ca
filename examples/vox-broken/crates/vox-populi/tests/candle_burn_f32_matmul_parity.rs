//! The matrix product of both stacks.
#![cfg(feature = "mens-train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor as BurnTensor, TensorData};
use candle_core::{Device, Tensor};

#[test]
fn matmul_agrees() {
    let (m, k, n) = (2, 3, 2);
    let left: Vec<f32> = (0..m * k).map(|i| i as f32 * 0.5).collect();
    let right: Vec<f32> = (0..k * n).map(|i| 1.0 - i as f32 * 0.25).collect();

    let burn_x = BurnTensor::<NdArray, 2>::from_data(TensorData::new(left.clone(), [m, k]), &());
    let burn_w = BurnTensor::<NdArray, 2>::from_data(TensorData::new(right.clone(), [k, n]), &());
    let burn_out = burn_x.matmul(burn_w).into_data().to_vec::<f32>().unwrap();

    let candle_x = Tensor::from_vec(left, (m, k), &Device::Cpu).unwrap();
    let candle_w = Tensor::from_vec(right, (k, n), &Device::Cpu).unwrap();
    let candle_out = candle_x.matmul(&candle_w).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();

    assert_eq!(burn_out.len(), candle_out.len());
}
