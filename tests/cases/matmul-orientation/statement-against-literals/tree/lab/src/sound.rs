//! Here `W` is stored as `[out_features, in_features]`.

use candle_core::{Device, Result, Tensor};

pub fn turned(rows: Vec<f32>, data: Vec<f32>, batch: usize, in_features: usize, out_features: usize) -> Result<Tensor> {
    let x = Tensor::from_vec(rows, (batch, in_features), &Device::Cpu)?;
    let w = Tensor::from_vec(data, (out_features, in_features), &Device::Cpu)?;
    x.matmul(&w.t()?)
}

pub fn turned_when_bound(rows: Vec<f32>, data: Vec<f32>, batch: usize, hidden: usize, vocab: usize) -> Result<Tensor> {
    let x = Tensor::from_vec(rows, (batch, hidden), &Device::Cpu)?;
    // head [vocab, hidden]
    let head = Tensor::from_vec(data, (vocab, hidden), &Device::Cpu)?.t()?;
    x.matmul(&head)
}

pub fn another(rows: Vec<f32>, data: Vec<f32>, batch: usize, in_features: usize, out_features: usize) -> Result<Tensor> {
    let x = Tensor::from_vec(rows, (batch, in_features), &Device::Cpu)?;
    let w_up = Tensor::from_vec(data, (in_features, out_features), &Device::Cpu)?;
    x.matmul(&w_up)
}

pub fn square(rows: Vec<f32>, data: Vec<f32>, n: usize) -> Result<Tensor> {
    let x = Tensor::from_vec(rows, (n, n), &Device::Cpu)?;
    let w = Tensor::from_vec(data, (n, n), &Device::Cpu)?;
    x.matmul(&w)
}
