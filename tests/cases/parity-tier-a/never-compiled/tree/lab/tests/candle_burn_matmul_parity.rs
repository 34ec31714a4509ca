#![cfg(feature = "train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor, TensorData};
use candle_core::{Device, Tensor as CandleTensor};

type B = NdArray<f32>;

#[cfg(any())]
#[test]
fn products_agree() {
    let (m, n) = (3usize, 4usize);
    let data: Vec<f32> = (0..12).map(|i| i as f32).collect();
    let burned = Tensor::<B, 2>::from_data(TensorData::new(data.clone(), [m, n]), &Default::default());
    let left = burned.clone().matmul(burned.transpose()).into_data().as_slice::<f32>().unwrap().to_vec();
    let dev = Device::Cpu;
    let candled = CandleTensor::from_vec(data, (m, n), &dev).unwrap();
    let turned = candled.t().unwrap();
    let right = candled.matmul(&turned).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    for (u, v) in left.iter().zip(right.iter()) {
        assert!((u - v).abs() < 1e-5);
    }
}

