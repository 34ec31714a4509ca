pub use vox_tensor::lora::LoraLinear;
pub use vox_tensor::lora_config::{lora_memory_estimate, LoraConfig};
