//! LoRA inside the transformer: the linear primitive of `vox-tensor` again, with dropout, and attention.

use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::{backend::Backend, Tensor};

pub use vox_tensor::{lora_memory_estimate, LoraConfig};

include!("part_attention.rs");
include!("part_model.rs");

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
        let lora_b = LinearConfig::new(rank, d_output).with_initializer(Initializer::Zeros).init(device);
        LoraLinear { base, lora_a, lora_b, scale: alpha / rank as f32 }
    }

    /// `base(x) + scale * B(A(x))`
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        let low = self.lora_a.forward(x.clone());
        let delta = self.lora_b.forward(low);
        self.base.forward(x) + delta.mul_scalar(self.scale)
    }

    /// Folds the adapter into the base.
    pub fn merge(self) -> Linear<B> {
        // A [in, rank] @ B [rank, out] -> [in, out]
        let product = self.lora_a.weight.matmul(self.lora_b.weight);
        Linear { weight: self.base.weight + product.mul_scalar(self.scale) }
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
    fn attention_merges_without_rope() {
        let attention = LoraAttention::<NdArray>::new(2, 1, 2.0, false, &());
        let merged = attention.merge();
        assert_eq!(merged.query.weight.dims(), [2, 2]);
    }

    #[test]
    #[ignore = "needs a CUDA device"]
    fn attention_counts_its_adapters_on_the_gpu() {
        let attention = LoraAttention::<NdArray>::new(64, 8, 16.0, false, &());
        assert_eq!(attention.adapter_params(), 3072);
    }

    #[test]
    #[should_panic(expected = "RoPE")]
    fn attention_with_rope_does_not_merge() {
        LoraAttention::<NdArray>::new(2, 1, 2.0, true, &()).merge();
    }
}
