#![cfg(feature = "train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor, TensorData};
use candle_core::{Device, Tensor as CandleTensor};

type B = NdArray<f32>;

use lab::VoxTransformer;
use qlora_rs::QuantizedLinear;

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
    let (left, right) = (whole(), quantized());
    let first = left.iter().sum::<f32>() / left.len() as f32;
    let second = right.iter().sum::<f32>() / right.len() as f32;
    assert!((first - second).abs() < 1e-5);
    let best = left.iter().enumerate().max_by(|x, y| x.1.total_cmp(y.1)).unwrap().0;
    let also = right.iter().enumerate().max_by(|x, y| x.1.total_cmp(y.1)).unwrap().0;
    assert_eq!(best, also);
}
