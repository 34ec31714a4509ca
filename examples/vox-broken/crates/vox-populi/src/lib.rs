//! The training stack of the example.

#[cfg(feature = "mens")]
pub mod mens;
