#![cfg(feature = "train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor, TensorData};
use candle_core::{Device, Tensor as CandleTensor};

type B = NdArray<f32>;

use lab::VoxTransformer;
use qlora_rs::QuantizedLinear;

include!("limits/close.rs");

fn whole() -> Vec<f32> {
    let model = VoxTransformer::<B>::new(24);
    let ids = Tensor::<B, 2>::from_data(TensorData::new(vec![1f32], [1, 1]), &Default::default());
    model.forward(ids).into_data().to_vec::<f32>().unwrap()
}

fn quantized() -> Vec<f32> {
    let w = CandleTensor::from_vec(vec![1f32], (1, 1), &Device::Cpu).unwrap();
    let head = QuantizedLinear::from_weight(&w, &Device::Cpu).unwrap();
    head.forward(&w).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
}

#[test]
fn compares() {
    let worst = whole().iter().zip(quantized().iter()).map(|(u, v)| (u - v).abs()).fold(0f32, f32::max);
    assert!(worst < CLOSE, "{worst}");
}
