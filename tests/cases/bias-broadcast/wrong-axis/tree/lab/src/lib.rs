use candle_core::{Device, Result, Tensor};

pub fn reshaped(a: &Tensor, dt_bias: &Tensor, n: usize) -> Result<Tensor> {
    a.broadcast_add(&dt_bias.reshape((n, 1, 1))?)
}

pub fn unsqueezed(a: &Tensor, n: usize, data: Vec<f32>) -> Result<Tensor> {
    let bias = Tensor::from_vec(data, n, &Device::Cpu)?;
    let column = bias.unsqueeze(1)?;
    let other = bias.unsqueeze(candle_core::D::Minus1)?;
    a.broadcast_add(&column)?.broadcast_add(&other)
}

fn column(shift: &Tensor, n: usize) -> Result<Tensor> {
    shift.reshape((n, 1))
}

pub fn by_a_helper(a: &Tensor, n: usize, data: Vec<f32>) -> Result<Tensor> {
    let shift = Tensor::from_vec(data, n, &Device::Cpu)?;
    a.broadcast_add(&column(&shift, n)?)
}

pub fn inferred(a: &Tensor, n: usize, data: Vec<f32>) -> Result<Tensor> {
    let shift = Tensor::from_vec(data, n, &Device::Cpu)?;
    let row = shift.reshape((1, ()))?;
    a.broadcast_add(&row)?.broadcast_add(&shift.reshape(((), 1))?)
}
