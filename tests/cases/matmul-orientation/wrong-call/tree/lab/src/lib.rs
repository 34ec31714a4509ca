use candle_core::{Device, Result, Tensor};

pub fn delta(lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    // lora_a: [rank, in_features], lora_b: [out_features, rank]
    lora_a.matmul(lora_b)
}

pub fn stored(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    // y is [batch, out]; weight: [out_features, in_features]
    x.matmul(weight)
}

pub fn literal(data: Vec<f32>, rows: Vec<f32>) -> Result<Tensor> {
    let (batch, hidden, vocab) = (5usize, 8usize, 13usize);
    let dev = Device::Cpu;
    let x = Tensor::from_vec(rows, (batch, hidden), &dev)?;
    let weight = Tensor::from_vec(data, (vocab, hidden), &dev)?;
    x.matmul(&weight)
}

pub fn chain(x: &Tensor, lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    // lora_a: [in, rank], lora_b: [out, rank]
    let low = x.matmul(lora_a)?.contiguous()?;
    low.matmul(lora_b)
}

pub fn kin(x: &Tensor, w_in_t: &Tensor, w_out_t: &Tensor) -> Result<Tensor> {
    // w_in_t: [in, rank], w_out_t: [out, rank]
    x.matmul(w_in_t)?.matmul(w_out_t)
}

pub fn literal_chain(x: &Tensor, data: Vec<f32>, rows: Vec<f32>) -> Result<Tensor> {
    let weight = Tensor::from_vec(data, (4, 2), &Device::Cpu)?;
    let weight_out = Tensor::from_vec(rows, (8, 2), &Device::Cpu)?;
    // x [n, 4] @ weight [4, 2]
    x.matmul(&weight)?.matmul(&weight_out)
}
