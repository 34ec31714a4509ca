#[cfg(feature = "gpu")]
mod gated;
#[path = "elsewhere/open.rs"]
#[cfg(feature = "plain")]
mod open;
