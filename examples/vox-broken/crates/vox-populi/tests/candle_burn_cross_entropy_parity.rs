//! Cross-entropy of both stacks.
#![cfg(feature = "mens-train")]

use burn::backend::NdArray;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::{Tensor as BurnTensor, TensorData};
use candle_core::{Device, Tensor};

#[test]
fn cross_entropy_agrees() {
    let (rows, classes) = (2, 3);
    let logits = vec![0.1f32, 0.7, 0.2, 1.5, -0.5, 0.0];
    let targets = vec![1usize, 0];

    let burn_logits = BurnTensor::<NdArray, 2>::from_data(TensorData::new(logits.clone(), [rows, classes]), &());
    let loss_b = CrossEntropyLossConfig::new().init::<NdArray>(&());
    let burn_loss = loss_b.forward(burn_logits, &targets).into_data().to_vec::<f32>().unwrap()[0];

    let candle_logits = Tensor::from_vec(logits, (rows, classes), &Device::Cpu).unwrap();
    let candle_loss = candle_core::loss::cross_entropy(&candle_logits, &targets).unwrap().to_scalar::<f32>().unwrap();

    assert!((burn_loss - candle_loss).abs() < 5e-5, "burn {burn_loss} candle {candle_loss}");
}
