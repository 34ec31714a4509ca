use candle_core::{Device, Result, Tensor};

pub fn mask(scores: &Tensor, n: usize, data: Vec<f32>, bias: bool) -> Result<Tensor> {
    let causal_mask = Tensor::from_vec(data, n, &Device::Cpu)?;
    let scores = scores.reshape((1, 1, n, n))?;
    let step = usize::from(bias) + n;
    (&scores + &causal_mask)?.broadcast_add(&Tensor::new(&[1e-6f32], &Device::Cpu)?)?.reshape((step, n))
}

pub fn equal_rank(w: &Tensor, delta: &Tensor, bias_correction: f64, n: usize) -> Result<Tensor> {
    let w = w.reshape((n, n))?;
    let delta = delta.reshape((n, n))?;
    let key = "layer.bias".to_string() + "_suffix";
    log(&key, bias_correction + 1.0);
    (&w + &delta)?.broadcast_add(&delta)
}

pub fn unknown(y: &Tensor, bias: &Tensor) -> Result<Tensor> {
    y + bias
}
