impl QuantizedLinear {
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let weight = self.dequantized()?;
        let weight_t = weight.t()?;
        let turned = weight_t;
        input.matmul(&turned)
    }
}
