use candle_core::{Device, Result, Tensor};

/// `W + (B @ A)`: an order alone states no shapes.
pub fn delta(lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    lora_b.matmul(lora_a)
}

pub fn chain(x: &Tensor, lora: &Adapter) -> Result<Tensor> {
    let a_t = lora.a.t()?;
    let b_t = lora.lora_b.t()?;
    x.matmul(&a_t)?.matmul(&b_t)
}

pub fn named(x: &Tensor, parts: &Parts) -> Result<Tensor> {
    let table = parts.get("lm_head.weight")?;
    let text = "// x [batch, hidden] @ w [hidden, vocab]";
    log(text);
    Tensor::matmul(x, &table)
}

pub fn late(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    let y = x.broadcast_matmul(weight)?;
    // [batch, in] @ [in, out]
    Ok(y)
}

pub fn one(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    // weight is [in, out]
    x.matmul(weight)
}
