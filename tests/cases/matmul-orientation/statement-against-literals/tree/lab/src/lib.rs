//! Here `W` is stored as `[out_features, in_features]`, the bias as `[out_features]`.

use candle_core::{Device, Result, Tensor};

pub fn project(rows: Vec<f32>, data: Vec<f32>, batch: usize, in_features: usize, out_features: usize) -> Result<Tensor> {
    let x = Tensor::from_vec(rows, (batch, in_features), &Device::Cpu)?;
    let w = Tensor::from_vec(data, (in_features, out_features), &Device::Cpu)?;
    x.matmul(&w)
}

pub fn beside(rows: Vec<f32>, data: Vec<f32>, batch: usize, hidden: usize, vocab: usize) -> Result<Tensor> {
    // x [batch, hidden], head [vocab, hidden]
    let x = Tensor::from_vec(rows, (batch, hidden), &Device::Cpu)?;
    let head = Tensor::from_vec(data, (hidden, vocab), &Device::Cpu)?;
    x.matmul(&head)
}

pub mod sound;
