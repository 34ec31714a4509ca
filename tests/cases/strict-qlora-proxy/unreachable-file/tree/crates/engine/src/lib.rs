//! An engine of a mill.

pub mod planner;
// pub mod quant;
