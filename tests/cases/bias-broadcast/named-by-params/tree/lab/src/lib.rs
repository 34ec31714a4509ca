use candle_core::{Result, Tensor};

pub struct Layer {
    offset: Tensor,
    bias: Tensor,
}

impl Layer {
    pub fn wrong(&self, x: &Tensor) -> Result<Tensor> {
        let y = x.matmul(x)?;
        &y + &self.offset
    }

    pub fn other(&self, x: &Tensor) -> Result<Tensor> {
        let y = x.matmul(x)?;
        &y + &self.bias
    }
}
