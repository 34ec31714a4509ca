use burn::tensor::{Tensor, TensorData};

fn linear<B: Backend>(x: Tensor<B, 2>, data: Vec<f32>, device: &B::Device) -> Tensor<B, 2> {
    let n = 4usize;
    let b = Tensor::<B, 1>::from_data(TensorData::new(data, [n]), device);
    let row = b.clone().reshape([1, n]);
    let padded: Tensor<B, 2> = b.clone().unsqueeze();
    x + row + padded + b.unsqueeze_dim::<2>(0)
}

fn main() {}
