impl QuantizedLinear {
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let weight = self.dequantized()?;
        let weight_t = weight.clone();
        input.matmul(&weight_t)
    }
}
