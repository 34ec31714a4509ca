#![cfg(feature = "train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor, TensorData};
use candle_core::{Device, Tensor as CandleTensor};

type B = NdArray<f32>;

#[test]
fn losses_agree() {
    let data = vec![0.5f32; 6];
    let burned = Tensor::<B, 2>::from_data(TensorData::new(data.clone(), [2, 3]), &Default::default());
    let left: f32 = burn::nn::loss::CrossEntropyLossConfig::new().init(&Default::default()).forward(burned.clone(), burned).into_scalar();
    let candled = CandleTensor::from_vec(data, (2, 3), &Device::Cpu).unwrap();
    let right = candle_nn::loss::cross_entropy(&candled, &candled).unwrap().to_scalar::<f32>().unwrap();
    assert!((left - right).abs() < 5e-5);
}
