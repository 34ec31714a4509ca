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
