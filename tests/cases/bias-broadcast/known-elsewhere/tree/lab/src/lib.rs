use candle_core::{DType, Device, Result, Tensor};

fn shift(n: usize) -> Result<Tensor> {
    Tensor::zeros(n, DType::F32, &Device::Cpu)
}

fn rows(n: usize) -> Result<Tensor> {
    Tensor::zeros((2, n), DType::F32, &Device::Cpu)
}

pub fn wrong(x: &Tensor, n: usize) -> Result<Tensor> {
    let y = x.matmul(x)?;
    let moved = shift(n)?;
    &y + &moved
}

pub fn right(x: &Tensor, n: usize) -> Result<Tensor> {
    let y = x.matmul(x)?;
    let moved = rows(n)?;
    (&y + &moved)?.broadcast_add(&shift(n)?)
}

pub fn flat(x: &Tensor, scales: &Tensor) -> Result<Tensor> {
    let y = x.matmul(x)?;
    let flat = scales.flatten_all()?;
    &y + &flat
}

pub fn both_flat(x: &Tensor, scales: &Tensor) -> Result<Tensor> {
    x.flatten_all()? + scales.flatten_all()?
}
