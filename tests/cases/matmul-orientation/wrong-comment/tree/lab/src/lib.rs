use candle_core::{Device, Result, Tensor};

/// The update is `B @ A`
/// where A = [in, rank] and B = [rank, out].
pub fn delta(lora_a: &Tensor, lora_b: &Tensor) -> Result<Tensor> {
    // lora_a: [in_features, rank], lora_b: [rank, out_features]
    lora_a.matmul(lora_b)
}

pub fn project(x: &Tensor, w: &Tensor) -> Result<Tensor> {
    /* x [batch, hidden] @ w [vocab, hidden] */
    x.matmul(w)
}

pub fn reversed(x: &Tensor, w: &Tensor) -> Result<Tensor> {
    // w [n, n] @ x [n, n]
    x.matmul(w)
}
