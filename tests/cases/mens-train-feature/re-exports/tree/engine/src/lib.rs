//! The library: some of it is there only for training.

#[cfg(feature = "base")]
pub mod model;

#[cfg(feature = "train")]
pub use model::fit::fit;

#[cfg(any(feature = "train", feature = "cloud"))]
pub fn presets() -> usize {
    3
}

mod private;

#[cfg(feature = "train")]
pub use private::*;

#[cfg(feature = "train")]
pub use private::report as summary;
#[cfg(not(feature = "train"))]
pub fn summary() {}

pub mod prelude {
    pub use crate::private::report;
    #[cfg(feature = "train")]
    pub use crate::model::fit as training;
}
