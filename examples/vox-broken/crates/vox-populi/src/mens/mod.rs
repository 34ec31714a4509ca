//! Fine-tuning: presets, the Burn LoRA stack and the Candle QLoRA stack.

pub mod tensor;

/// Names that `vox mens train --preset` takes.
pub const KNOWN_PRESETS: &[&str] = &["tiny", "qwen_4080_16g"];

#[cfg(feature = "mens-train")]
pub use tensor::artifact_bridge::{is_burn_adapter, MERGE_QLORA_REJECTS_BURN_BIN};
