use candle_core::{Device, Result, Tensor};

pub fn step(state: &Tensor, key: &Tensor) -> Result<Tensor> {
    let column = key.unsqueeze(2)?;
    let delta = state.matmul(&column)?;
    state.matmul(&delta)
}

pub fn project(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    // [batch, in] @ [in, out]
    x.matmul(weight)
}
