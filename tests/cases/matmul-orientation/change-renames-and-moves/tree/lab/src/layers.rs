use candle_core::{Device, Result, Tensor};

pub fn step(state: &Tensor, key: &Tensor) -> Result<Tensor> {
    let key_column = key.unsqueeze(2)?;
    state
        // one more comment
        .matmul(&key_column)
}

pub fn project(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    // [batch, in] @ [in, out]
    x.matmul(weight)
}
