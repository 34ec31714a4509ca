//! Models.

#[cfg(feature = "train")]
pub mod fit;

#[cfg(feature = "train")]
pub const RATES: usize = 3;

#[cfg(feature = "train")]
pub struct Trainer;

#[cfg(feature = "train")]
impl Trainer {
    pub fn new() -> Self {
        Trainer
    }
}

pub struct Model;

pub fn load() -> Model {
    Model
}
