use candle_core::{Device, Result, Tensor};

pub fn step(state: &Tensor, k_col: &Tensor, x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    let memory = state.transpose(2, 3)?.matmul(k_col)?;
    later(&memory)
}

pub fn project(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    // [batch, in] @ [in, out]
    x.matmul(weight)
}
