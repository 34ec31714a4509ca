//! The whole Burn model against the NF4 forward of the Candle stack.
#![cfg(feature = "mens-train")]

use burn::backend::NdArray;
use burn::nn::Linear;
use burn::tensor::{Tensor as BurnTensor, TensorData};
use candle_core::{Device, Tensor};
use qlora_rs::{qlora::QuantizedLinear, quantize_nf4};
use vox_populi::mens::tensor::lora::VoxTransformer;

#[test]
fn full_models_agree() {
    let (batch, hidden, vocab) = (1, 2, 2);
    let x = vec![0.5f32, -0.25];
    let w = vec![1.0f32, -1.0, -1.0, 1.0];

    let weight = BurnTensor::<NdArray, 2>::from_data(TensorData::new(w.clone(), [hidden, vocab]), &());
    let model = VoxTransformer { head: Linear { weight } };
    let x_b = BurnTensor::<NdArray, 2>::from_data(TensorData::new(x.clone(), [batch, hidden]), &());
    let burn_logits = model.forward(x_b).into_data().to_vec::<f32>().unwrap();

    let layer = QuantizedLinear { weight: quantize_nf4(&w), bias: None, in_features: hidden, out_features: vocab };
    let x_c = Tensor::from_vec(x, (batch, hidden), &Device::Cpu).unwrap();
    let candle_logits = layer.forward(&x_c).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();

    for (b, c) in burn_logits.iter().zip(candle_logits.iter()) {
        assert!((b - c).abs() < 1e-5, "burn {b} candle {c}");
    }
}
