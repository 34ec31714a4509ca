use core_tensors::{Device, Result, Tensor};

pub fn project(rows: Vec<f32>, data: Vec<f32>, batch: usize, n: usize) -> Result<Tensor> {
    let y = Tensor::from_vec(rows, (batch, n), &Device::Cpu)?;
    let bias = Tensor::from_vec(data, n, &Device::Cpu)?;
    &y + &bias
}

pub fn right(rows: Vec<f32>, data: Vec<f32>, batch: usize, n: usize) -> Result<Tensor> {
    let y = Tensor::from_vec(rows, (batch, n), &Device::Cpu)?;
    let bias = Tensor::from_vec(data, n, &Device::Cpu)?;
    y.broadcast_add(&bias)
}
