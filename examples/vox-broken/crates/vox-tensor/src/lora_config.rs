//! The settings of a low-rank adapter.

/// Rank and strength of an adapter.
#[derive(Clone, Debug, PartialEq)]
pub struct LoraConfig {
    pub rank: usize,
    pub alpha: f32,
}

impl Default for LoraConfig {
    fn default() -> Self {
        LoraConfig { rank: 8, alpha: 16.0 }
    }
}

/// Bytes of an adapter's f32 parameters: A is `[in, rank]`, B is `[rank, out]`.
pub fn lora_memory_estimate(d_input: usize, d_output: usize, rank: usize) -> usize {
    (d_input * rank + rank * d_output) * std::mem::size_of::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimate_counts_both_factors() {
        assert_eq!(lora_memory_estimate(4, 6, 2), 80);
    }
}
