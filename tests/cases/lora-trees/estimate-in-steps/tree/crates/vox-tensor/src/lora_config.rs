pub struct LoraConfig {
    pub rank: usize,
    pub alpha: f32,
    pub dropout: f32,
}

impl Default for LoraConfig {
    fn default() -> Self {
        Self { rank: 8, alpha: 16.0, dropout: 0.0 }
    }
}

pub fn lora_memory_estimate(d_in: usize, d_out: usize, rank: usize) -> (usize, usize) {
    let lora = d_in * rank + rank * d_out;
    let full = d_in * d_out;
    (lora, full)
}
