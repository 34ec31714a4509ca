//! Both stacks on the same weight after an NF4 round trip.
#![cfg(feature = "mens-train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor as BurnTensor, TensorData};
use candle_core::{Device, Tensor};
use qlora_rs::{dequantize_nf4, quantize_nf4};

#[test]
fn dequantized_weights_agree() {
    let (batch, hidden, vocab) = (2, 4, 3);
    let x: Vec<f32> = (0..batch * hidden).map(|i| i as f32 * 0.2 - 0.5).collect();
    let original: Vec<f32> = (0..hidden * vocab).map(|i| (i as f32 * 0.7).sin()).collect();
    let quantized = quantize_nf4(&original);
    let restored = dequantize_nf4(&quantized);

    let x_b = BurnTensor::<NdArray, 2>::from_data(TensorData::new(x.clone(), [batch, hidden]), &());
    let w_b = BurnTensor::<NdArray, 2>::from_data(TensorData::new(original.clone(), [hidden, vocab]), &());
    let burn_out = x_b.matmul(w_b).into_data().to_vec::<f32>().unwrap();

    let x_c = Tensor::from_vec(x, (batch, hidden), &Device::Cpu).unwrap();
    let w_c = Tensor::from_vec(restored, (hidden, vocab), &Device::Cpu).unwrap();
    let candle_out = x_c.matmul(&w_c).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();

    for (b, c) in burn_out.iter().zip(candle_out.iter()) {
        assert!((b - c).abs() < 1e-5, "burn {b} candle {c}");
    }
}
