//! Tensor primitives shared by every trainer.

pub mod lora;
pub mod lora_config;

pub use lora_config::{lora_memory_estimate, LoraConfig};
