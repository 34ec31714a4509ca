//! The library: some of it is there only for training.

#[cfg(feature = "base")]
pub mod model;

#[cfg(feature = "train")]
pub use model::fit::fit;

#[cfg(any(feature = "train", feature = "cloud"))]
pub fn presets() -> usize {
    3
}
