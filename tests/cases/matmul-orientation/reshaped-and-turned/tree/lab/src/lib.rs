use candle_core::{Device, Result, Tensor};

pub fn reshaped(x: &Tensor, weight: &Tensor, rows: usize, n: usize) -> Result<Tensor> {
    x.reshape((rows, 3))?.matmul(&weight.reshape((n, 3))?)
}

/// `lora_a` is [inner, rank], `lora_b` is [rank, outer].
pub fn turned(lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    let a = lora_a.t()?;
    a.matmul(lora_b)
}

/// `lora_a` is [rank, inner], `lora_b` is [rank, outer].
pub fn turned_as_stated(lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    let a = lora_a.t()?;
    a.matmul(lora_b)
}

/// The weight [out, in] is laid out anew, x is [rows, 2, half].
pub fn laid_out_anew(x: &Tensor, weight: &Tensor, rows: usize, n: usize) -> Result<Tensor> {
    x.reshape((rows, n))?.matmul(&weight.reshape((n, 5))?)
}

pub fn without_a_weight() -> Result<Tensor> {
    let one = Tensor::zeros((2, 3), candle_core::DType::F32, &Device::Cpu)?;
    let two = Tensor::zeros((2, 4), candle_core::DType::F32, &Device::Cpu)?;
    one.matmul(&two)
}
