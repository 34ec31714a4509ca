pub use vox_tensor::lora_config::{lora_memory_estimate, LoraConfig};

/// The same layer with dropout, built around loaded weights.
pub struct LoraLinear<B: Backend> {
    pub base: Linear<B>,
    pub lora_a: Linear<B>,
    pub lora_b: Linear<B>,
    pub dropout: Dropout,
    pub scale: f32,
}

impl<B: Backend> LoraLinear<B> {
    pub fn with_base(base: Linear<B>, cfg: &LoraConfig) -> Self {
        let [rows, columns] = base.weight.dims();
        let device = base.weight.device();
        let up = LinearConfig::new(cfg.rank, columns).with_initializer(Initializer::Zeros).init(&device);
        Self {
            lora_a: LinearConfig::new(rows, cfg.rank).init(&device),
            lora_b: up,
            dropout: DropoutConfig::new(cfg.dropout as f64).init(),
            scale: (1.0 / cfg.rank as f32) * cfg.alpha,
            base,
        }
    }

    pub fn forward(&self, input: Tensor<B, 2>) -> Tensor<B, 2> {
        // the order of operands and the names of locals are spelling
        let down = self.dropout.forward(self.lora_a.forward(input.clone()));
        let Self { scale, .. } = self;
        let sum = *scale * self.lora_b.forward(down) + self.base.forward(input);
        self.dropout.forward(sum)
    }

    pub fn merge(&self) -> Linear<B> {
        let delta = self.lora_a.weight.val().matmul(self.lora_b.weight.val()).mul_scalar(self.scale);
        let mut merged = self.base.clone();
        merged.weight = Param::from_tensor(self.base.weight.val() + delta);
        merged
    }

    pub fn lora_param_count(&self, rows: usize, columns: usize) -> usize {
        let [_, r] = self.lora_a.weight.dims();
        (rows + columns) * r
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn scale_is_alpha_over_rank() {
        let scale = 16.0 * 8.0;
        assert!(scale > 0.0);
    }
}
