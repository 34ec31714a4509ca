pub mod bridge;
#[cfg(test)]
mod preflight_train;
pub mod execution_planner;
pub mod operator_messages;

pub use bridge::MERGE_QLORA_REJECTS_BURN_BIN;
