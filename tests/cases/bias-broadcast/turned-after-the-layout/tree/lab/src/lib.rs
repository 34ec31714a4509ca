use candle_core::{Device, Result, Tensor};

pub fn turned(x: &Tensor, rows: usize, n: usize, data: Vec<f32>) -> Result<Tensor> {
    let shift = Tensor::from_vec(data, n, &Device::Cpu)?;
    let row = shift.reshape((1, n))?;
    x.reshape((rows, n))?.broadcast_add(&row.t()?)
}

pub fn in_a_closure(x: &Tensor, n: usize, data: Vec<f32>) -> Result<Tensor> {
    let shift = Tensor::from_vec(data, n, &Device::Cpu).and_then(|one| one.reshape((n, 1)))?;
    x.broadcast_add(&shift)
}

pub fn renamed(x: &Tensor, rate_bias: &Tensor, n: usize) -> Result<Tensor> {
    let bias = rate_bias.reshape((n, 1))?;
    x.broadcast_add(&bias)
}

pub fn built(x: &Tensor, rows: usize, n: usize, data: Vec<f32>) -> Result<Tensor> {
    let shift = Tensor::from_vec(data, (n, 1), &Device::Cpu)?;
    x.reshape((rows, n))?.broadcast_add(&shift)
}

pub fn one_per_row(x: &Tensor, rows: usize, n: usize, data: Vec<f32>) -> Result<Tensor> {
    let offsets = Tensor::from_vec(data, (rows, 1), &Device::Cpu)?;
    x.reshape((rows, n))?.broadcast_add(&offsets)
}
