//! The library: some of it is there only for training.

#[cfg(feature = "base")]
pub mod model;

#[cfg(feature = "train")]
pub use model::fit::fit;

#[cfg(any(feature = "train", feature = "cloud"))]
pub fn presets() -> usize {
    3
}

#[cfg(all(feature = "train", not(target_arch = "wasm32"), any(unix, windows)))]
pub fn native() {}

#[cfg(all(feature = "train", not(all(feature = "cloud", target_os = "macos"))))]
pub fn earthbound() {}
