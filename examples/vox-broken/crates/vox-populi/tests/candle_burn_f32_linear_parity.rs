//! A projection with bias in both stacks.
#![cfg(feature = "mens-train")]

use burn::backend::NdArray;
use burn::tensor::{Tensor as BurnTensor, TensorData};
use candle_core::{Device, Tensor};

#[test]
fn biased_linear_agrees() {
    let (batch, hidden, vocab) = (2, 3, 4);
    let x: Vec<f32> = (0..batch * hidden).map(|i| i as f32 * 0.1).collect();
    let w: Vec<f32> = (0..hidden * vocab).map(|i| 0.5 - i as f32 * 0.05).collect();
    let bias: Vec<f32> = (0..vocab).map(|i| i as f32).collect();

    let x_b = BurnTensor::<NdArray, 2>::from_data(TensorData::new(x.clone(), [batch, hidden]), &());
    let w_b = BurnTensor::<NdArray, 2>::from_data(TensorData::new(w.clone(), [hidden, vocab]), &());
    let bias_b = BurnTensor::<NdArray, 1>::from_data(TensorData::new(bias.clone(), [vocab]), &());
    let bias_row = bias_b.reshape([vocab, 1]);
    let burn_logits = (x_b.matmul(w_b) + bias_row).into_data().to_vec::<f32>().unwrap();

    let x_c = Tensor::from_vec(x, (batch, hidden), &Device::Cpu).unwrap();
    let w_c = Tensor::from_vec(w, (hidden, vocab), &Device::Cpu).unwrap();
    let bias_c = Tensor::from_vec(bias, vocab, &Device::Cpu).unwrap();
    let logits_c = x_c.matmul(&w_c).and_then(|y| y.broadcast_add(&bias_c)).unwrap();
    let candle_logits = logits_c.flatten_all().unwrap().to_vec1::<f32>().unwrap();

    for (b, c) in burn_logits.iter().zip(candle_logits.iter()) {
        assert!((b - c).abs() < 1e-5, "burn {b} candle {c}");
    }
}
