pub use candle_core::{Device, Result, Tensor};
