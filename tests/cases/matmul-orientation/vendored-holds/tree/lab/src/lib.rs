use candle_core::{Device, Result, Tensor};

pub fn project(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    // [batch, in] @ [in, out]
    x.matmul(weight)
}
