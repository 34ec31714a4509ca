use burn::nn::attention::MultiHeadAttention;

/// Attention whose projections carry adapters.
///
/// Merge gives a static attention, which knows nothing of RoPE: a stack with `use_rope` is served unmerged.
#[derive(Clone, Debug)]
pub struct LoraAttention<B: Backend> {
    pub query: LoraLinear<B>,
    pub key: LoraLinear<B>,
    pub value: LoraLinear<B>,
    pub use_rope: bool,
}

impl<B: Backend> LoraAttention<B> {
    pub fn new(width: usize, rank: usize, alpha: f32, use_rope: bool, device: &B::Device) -> Self {
        let project = || LoraLinear::new(width, width, rank, alpha, device);
        LoraAttention { query: project(), key: project(), value: project(), use_rope }
    }

    /// Trainable parameters of the three adapters.
    pub fn adapter_params(&self) -> usize {
        self.query.lora_param_count() + self.key.lora_param_count() + self.value.lora_param_count()
    }

    /// Folds the adapters into a static attention.
    ///
    /// **RoPE:** not supported; panics when `use_rope` is set.
    pub fn merge(self) -> MultiHeadAttention<B> {
        MultiHeadAttention { query: self.query.merge(), key: self.key.merge(), value: self.value.merge() }
    }
}
