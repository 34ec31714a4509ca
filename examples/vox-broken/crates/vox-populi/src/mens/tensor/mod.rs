//! Tensors of both stacks.

pub mod lora;

#[cfg(feature = "mens-train")]
pub mod artifact_bridge;
#[cfg(feature = "mens-candle-qlora")]
pub mod candle_qlora_merge;
#[cfg(feature = "mens-candle-qlora")]
pub mod execution_planner;
#[cfg(feature = "mens-candle-qlora")]
pub mod operator_messages;
#[cfg(feature = "mens-candle-qlora")]
pub mod qlora_preflight;
