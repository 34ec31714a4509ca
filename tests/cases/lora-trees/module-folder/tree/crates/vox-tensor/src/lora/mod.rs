mod layer;
pub use layer::LoraLinear;
