use core_tensors::Tensor;

pub fn project(x: &Tensor, weight: &Tensor) -> Tensor {
    x.matmul(weight)
}

pub mod other;
