use core_tensors::input;

pub struct Matrix;

impl Matrix {
    pub fn matmul(&self, weight: &Matrix) -> Matrix {
        input();
        todo!()
    }
}

pub fn project(x: &Matrix, weight: &Matrix) -> Matrix {
    x.matmul(weight)
}
