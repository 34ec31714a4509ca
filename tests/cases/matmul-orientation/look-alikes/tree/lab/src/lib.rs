use candle_core::{Device, Result, Tensor};

pub struct Wrapper(Tensor);

impl Wrapper {
    pub fn matmul(&self, weight: &Tensor) -> Result<Tensor> {
        self.0.matmul(weight)
    }
}

pub fn attend(q: &Tensor, k: &Tensor, v: &Tensor, n_heads: usize) -> Result<Tensor> {
    let scores = q.matmul(&k.transpose(2, 3)?)?;
    let attn_weights = soften(&scores, n_heads)?;
    attn_weights.matmul(v)
}

pub fn rotate(pos: &Tensor, inv_freq: &Tensor) -> Result<Tensor> {
    pos.matmul(inv_freq)
}

#[cfg(any())]
pub fn never(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    x.matmul(weight)
}

pub fn said(lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    // lora_b.matmul(lora_a) would be [out, rank] @ [rank, in]
    /* nested /* B [out, rank] */ and A [rank, in] */
    lora_b.matmul(lora_a)
}

pub fn chained(x: &Tensor, lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    // lora_a: [in, rank], lora_b: [out, rank]
    let low = x.matmul(lora_a)?.contiguous()?;
    low.matmul(&lora_b.t()?)
}
