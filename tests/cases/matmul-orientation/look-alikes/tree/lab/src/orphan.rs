pub fn dead(x: &Tensor, weight: &Tensor) { x.matmul(weight); }
