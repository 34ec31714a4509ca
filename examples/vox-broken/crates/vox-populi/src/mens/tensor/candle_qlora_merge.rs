//! Folding a Candle adapter into f32 weights.

use anyhow::{Context, Result};
use candle_core::Tensor;

/// Adds `scale * (B @ A)` to a base weight.
pub fn merge_delta(base: &Tensor, lora_a: &Tensor, lora_b: &Tensor, scale: f64) -> Result<Tensor> {
    let delta = lora_b.matmul(lora_a).context("multiply the factors of the adapter")?;
    let scaled = delta.affine(scale, 0.0).context("scale the delta")?;
    base.broadcast_add(&scaled).context("add the delta")
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn merge_adds_the_scaled_product() {
        let base = Tensor::from_vec(vec![1.0; 4], (2, 2), &Device::Cpu).unwrap();
        let lora_a = Tensor::from_vec(vec![1.0, 2.0], (1, 2), &Device::Cpu).unwrap();
        let lora_b = Tensor::from_vec(vec![1.0, 3.0], (2, 1), &Device::Cpu).unwrap();
        let merged: Vec<f32> = merge_delta(&base, &lora_a, &lora_b, 0.5).unwrap().to_vec1().unwrap();
        for (got, want) in merged.iter().zip([1.5, 2.0, 2.5, 4.0f32].iter()) {
            assert!((got - want).abs() < 1e-5);
        }
    }
}
