//! Layers: `x @ Wᵀ`, with `W` stored as `[out_features, in_features]`.
use candle_core::{Device, Result, Tensor};

/// Adds the low-rank update.
pub fn delta(lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    // B [out, rank] @ A [rank, in] -> [out, in]
    lora_b.matmul(lora_a)
}

pub fn project(x: &Tensor, w: &Tensor) -> Result<Tensor> {
    x.matmul(&w.t()?)
}

pub fn literal(data: Vec<f32>, rows: Vec<f32>, batch: usize, hidden: usize, vocab: usize) -> Result<Tensor> {
    let dev = Device::Cpu;
    let x = Tensor::from_vec(rows, (batch, hidden), &dev)?;
    let weight = Tensor::from_vec(data, (vocab, hidden), &dev)?;
    let weight_t = weight.t()?;
    x.matmul(&weight_t)
}

pub fn beside(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    let rows = x.contiguous()?; // [batch, hidden]
    let weight_t = weight.t()?; // [hidden, vocab]
    rows.matmul(&weight_t)
}
