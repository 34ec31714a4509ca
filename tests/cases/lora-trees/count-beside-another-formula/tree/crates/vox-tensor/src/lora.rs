//! An adapted layer.

/// `y = base(x) + scale * lora_b(lora_a(x))`, where `scale` is `alpha / rank`.
pub struct LoraLinear<B: Backend> {
    pub base: Linear<B>,
    pub lora_a: Linear<B>,
    pub lora_b: Linear<B>,
    pub scale: f32,
}

impl<B: Backend> LoraLinear<B> {
    /// Start as the base: the up-projection is zero.
    pub fn new(device: &B::Device, d_in: usize, d_out: usize, config: &LoraConfig) -> Self {
        let base = LinearConfig::new(d_in, d_out).init(device);
        let lora_a = LinearConfig::new(d_in, config.rank).with_bias(false).init(device);
        let lora_b = LinearConfig::new(config.rank, d_out)
            .with_bias(false)
            .with_initializer(Initializer::Zeros)
            .init(device);
        let scale = config.alpha / config.rank as f32;
        Self { base, lora_a, lora_b, scale }
    }

    /// Run the layer.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        let kept = self.base.forward(x.clone());
        let learnt = self.lora_b.forward(self.lora_a.forward(x));
        kept + learnt * self.scale
    }

    /// Count what is trained: `params = d_in * rank + rank * d_out`, the base has `d_in * d_out`.
    pub fn lora_param_count(&self, d_in: usize, d_out: usize) -> usize {
        let rank = self.lora_a.weight.dims()[1];
        d_in * rank + rank * d_out
    }
}
