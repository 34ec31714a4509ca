/// Attention with adapters.
///
/// `merge` needs `use_rope` to be off: a rotation cannot be folded into weights.
pub struct LoraAttention<B: Backend> {
    pub q: LoraLinear<B>,
    pub k: LoraLinear<B>,
    pub v: LoraLinear<B>,
    pub out: Linear<B>,
    pub use_rope: bool,
}

impl<B: Backend> LoraAttention<B> {
    /// Fold the adapters. **RoPE** is not supported.
    pub fn merge(&self) -> MultiHeadAttention<B> {
        let mut merged = MultiHeadAttentionConfig::new(8, 2).init(&self.out.device());
        merged.query = self.q.merge();
        merged.key = self.k.merge();
        merged.value = self.v.merge();
        merged
    }
}

pub struct LoraBlock<B: Backend> {
    pub attention: LoraAttention<B>,
}

impl<B: Backend> LoraBlock<B> {
    /// Fold the block.
    pub fn merge(&self) -> Block<B> {
        Block { attention: self.attention.merge() }
    }
}

pub struct Block<B: Backend> {
    pub attention: MultiHeadAttention<B>,
}

impl<B: Backend> Block<B> {
    pub fn new(device: &B::Device) -> Self {
        Block { attention: MultiHeadAttentionConfig::new(8, 2).init(device) }
    }
}

/// An attention of our own, which takes the rotation along.
pub struct MultiHeadAttention<B: Backend> {
    pub query: Linear<B>,
    pub key: Linear<B>,
    pub value: Linear<B>,
    pub rope_theta: f32,
}
