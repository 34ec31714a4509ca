use burn::tensor::{Tensor, TensorData};

pub fn linear<B: Backend>(x: Tensor<B, 3>, data: Vec<f32>, device: &B::Device) -> Tensor<B, 3> {
    let shift = Tensor::<B, 1>::from_data(TensorData::new(data, [4]), device);
    let copy = shift.clone();
    x.add(copy) + shift
}
