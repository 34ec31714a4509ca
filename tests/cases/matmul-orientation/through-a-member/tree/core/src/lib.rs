pub use candle_core::Tensor;

pub fn input() -> Tensor {
    todo!()
}
