/// The whole language model of the Burn stack, reduced to its head.
#[derive(Clone, Debug)]
pub struct VoxTransformer<B: Backend> {
    pub head: Linear<B>,
}

impl<B: Backend> VoxTransformer<B> {
    /// Logits `[batch, vocab]` of `x [batch, hidden]`.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.head.forward(x)
    }
}
