use burn::module::Param;
use burn::tensor::{backend::Backend, Tensor};

pub struct Layer<B: Backend> {
    weight: Param<Tensor<B, 2>>,
    offset: Param<Tensor<B, 1>>,
}

impl<B: Backend> Layer<B> {
    pub fn wrong(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        x.matmul(self.weight.val()) + self.offset.val()
    }

    pub fn right(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        x.matmul(self.weight.val()) + self.offset.val().unsqueeze::<2>()
    }
}
