//! Models.

#[cfg(feature = "train")]
pub mod fit;

pub struct Model;

pub fn load() -> Model {
    Model
}
