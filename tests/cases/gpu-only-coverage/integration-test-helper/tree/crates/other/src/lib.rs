//! Depends on the model, not the model on it.

pub struct Wrapped(pub f32);

impl Wrapped {
    pub fn doubled(&self) -> f32 {
        self.0 * 2.0
    }
}
