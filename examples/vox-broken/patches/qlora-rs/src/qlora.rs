//! A frozen 4-bit linear layer.

use candle_core::{Device, Result, Tensor};

use crate::{dequantize_nf4, QuantizedTensor};

/// A linear layer whose base weight is stored as `[out_features, in_features]`.
pub struct QuantizedLinear {
    pub weight: QuantizedTensor,
    pub bias: Option<Tensor>,
    pub in_features: usize,
    pub out_features: usize,
}

impl QuantizedLinear {
    /// `input [batch, in_features] @ weight_t [in_features, out_features]`
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let values = dequantize_nf4(&self.weight);
        let weight = Tensor::from_vec(values, (self.out_features, self.in_features), &Device::Cpu)?;
        let weight_t = weight.t()?;
        let output = input.matmul(&weight_t)?;
        match &self.bias {
            Some(bias) => output.broadcast_add(bias),
            None => Ok(output),
        }
    }
}
