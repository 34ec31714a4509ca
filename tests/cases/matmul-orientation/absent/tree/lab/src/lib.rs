pub fn attend(q: &Tensor, k: &Tensor) -> Tensor { q.matmul(k) }
