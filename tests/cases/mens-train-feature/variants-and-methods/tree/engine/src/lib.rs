//! The library: some of it is there only for training.

#[cfg(feature = "base")]
pub mod model;

#[cfg(feature = "train")]
pub use model::fit::fit;

#[cfg(any(feature = "train", feature = "cloud"))]
pub fn presets() -> usize {
    3
}

pub enum Backend {
    Plain,
    #[cfg(feature = "train")]
    Deep,
}

pub struct Run;

impl Run {
    pub fn plain() {}

    #[cfg(feature = "train")]
    pub fn trained() {}

    #[cfg(feature = "train")]
    pub fn either() {}

    #[cfg(not(feature = "train"))]
    pub fn either() {}
}
