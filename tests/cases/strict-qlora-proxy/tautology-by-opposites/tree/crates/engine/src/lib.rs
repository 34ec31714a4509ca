//! An engine of a mill.

pub mod planner;
#[cfg(feature = "quant")]
pub mod quant;
