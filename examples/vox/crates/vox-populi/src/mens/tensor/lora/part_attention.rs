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

    /// Folds the adapters into a static attention.
    ///
    /// **RoPE:** not supported; panics when `use_rope` is set.
    pub fn merge(self) -> MultiHeadAttention<B> {
        assert!(!self.use_rope, "RoPE cannot be merged into a static attention");
        MultiHeadAttention { query: self.query.merge(), key: self.key.merge(), value: self.value.merge() }
    }
}
