//! The linear LoRA primitive. The transformer blocks of `vox-populi` hold their own copy, which computes the same.

use burn::nn::{Linear, LinearConfig};
use burn::tensor::{backend::Backend, Tensor};

/// A frozen projection and its low-rank correction: `base + scale * (A @ B)`, A `[in, rank]`, B `[rank, out]`.
#[derive(Clone, Debug)]
pub struct LoraLinear<B: Backend> {
    pub base: Linear<B>,
    pub lora_a: Linear<B>,
    pub lora_b: Linear<B>,
    pub scale: f32,
}

impl<B: Backend> LoraLinear<B> {
    /// A fresh base with an adapter that starts as the identity: B is zero.
    pub fn new(d_input: usize, d_output: usize, rank: usize, alpha: f32, device: &B::Device) -> Self {
        let base = LinearConfig::new(d_input, d_output).init(device);
        Self::with_base(base, d_input, d_output, rank, alpha, device)
    }

    /// An adapter around a given base; B is zero, so that the model starts equal to its base.
    pub fn with_base(
        base: Linear<B>,
        d_input: usize,
        d_output: usize,
        rank: usize,
        alpha: f32,
        device: &B::Device,
    ) -> Self {
        let lora_a = LinearConfig::new(d_input, rank).init(device);
        let lora_b = LinearConfig::new(rank, d_output).init(device);
        LoraLinear { base, lora_a, lora_b, scale: alpha / rank as f32 }
    }

    /// `base(x) + scale * B(A(x))`
    pub fn forward(&self, input: Tensor<B, 2>) -> Tensor<B, 2> {
        let base = self.base.forward(input.clone());
        let delta = self.lora_b.forward(self.lora_a.forward(input));
        base + delta.mul_scalar(self.scale)
    }

    /// Folds the adapter into the base.
    pub fn merge(self) -> Linear<B> {
        // A [in, rank] @ B [rank, out] -> [in, out]
        let delta = self.lora_a.weight.matmul(self.lora_b.weight);
        Linear { weight: self.base.weight + delta.mul_scalar(self.scale) }
    }

    /// Trainable parameters of the adapter.
    pub fn lora_param_count(&self) -> usize {
        let [d_input, rank] = self.lora_a.weight.dims();
        let [_, d_output] = self.lora_b.weight.dims();
        d_input * rank + rank * d_output
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::backend::NdArray;

    #[test]
    fn a_fresh_adapter_changes_nothing() {
        let lora = LoraLinear::<NdArray>::new(3, 2, 1, 2.0, &());
        let input = Tensor::<NdArray, 2>::full([1, 3], 1.0, &());
        let with = lora.forward(input.clone()).into_data().to_vec::<f32>().unwrap();
        let without = lora.merge().forward(input).into_data().to_vec::<f32>().unwrap();
        for (a, b) in with.iter().zip(without.iter()) {
            assert!((a - b).abs() < 0.5);
        }
    }

    #[test]
    fn both_factors_are_counted() {
        assert_eq!(LoraLinear::<NdArray>::new(3, 2, 1, 2.0, &()).lora_param_count(), 5);
    }
}
