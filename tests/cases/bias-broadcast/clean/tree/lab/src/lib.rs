use candle_core::{Device, Result, Tensor};

pub fn linear(x: &Tensor, w: &Tensor, n: usize, data: Vec<f32>) -> Result<Tensor> {
    let bias = Tensor::from_vec(data, n, &Device::Cpu)?;
    x.matmul(w).and_then(|y| y.broadcast_add(&bias))
}

pub fn laid_out(a: &Tensor, dt_bias: &Tensor, n: usize) -> Result<Tensor> {
    a.broadcast_add(&dt_bias.reshape((1, 1, n))?)
}
