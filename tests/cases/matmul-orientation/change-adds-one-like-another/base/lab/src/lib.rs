use candle_core::{Result, Tensor};

pub fn first(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    a.matmul(b)
}

pub fn head(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    // x [batch, in] @ weight [in, out]
    x.matmul(weight)
}
