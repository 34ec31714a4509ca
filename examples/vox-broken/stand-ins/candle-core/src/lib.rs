//! Dense f32 tensors with the spelling of Candle.

use std::fmt;

#[derive(Debug)]
pub struct Error(String);

pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

#[derive(Clone, Copy, Debug)]
pub enum Device {
    Cpu,
}

#[derive(Clone, Debug)]
pub struct Tensor {
    values: Vec<f32>,
    shape: Vec<usize>,
}

/// What may be given as a shape: `n` or `(m, n)`.
pub trait Shape {
    fn dims(&self) -> Vec<usize>;
}

impl Shape for usize {
    fn dims(&self) -> Vec<usize> {
        vec![*self]
    }
}

impl Shape for (usize, usize) {
    fn dims(&self) -> Vec<usize> {
        vec![self.0, self.1]
    }
}

impl Tensor {
    pub fn from_vec(values: Vec<f32>, shape: impl Shape, _device: &Device) -> Result<Self> {
        let shape = shape.dims();
        if values.len() != shape.iter().product::<usize>() {
            return Err(Error(format!("{} values do not fill {shape:?}", values.len())));
        }
        Ok(Tensor { values, shape })
    }

    pub fn dims2(&self) -> Result<(usize, usize)> {
        match self.shape[..] {
            [m, n] => Ok((m, n)),
            _ => Err(Error(format!("expected 2 axes, found {:?}", self.shape))),
        }
    }

    pub fn t(&self) -> Result<Tensor> {
        let (m, n) = self.dims2()?;
        let values = (0..m * n).map(|i| self.values[(i % m) * n + i / m]).collect();
        Ok(Tensor { values, shape: vec![n, m] })
    }

    pub fn matmul(&self, other: &Tensor) -> Result<Tensor> {
        let ((m, k), (inner, n)) = (self.dims2()?, other.dims2()?);
        if k != inner {
            return Err(Error(format!("[{m}, {k}] @ [{inner}, {n}]")));
        }
        let cell = |i: usize| (0..k).map(|j| self.values[i / n * k + j] * other.values[j * n + i % n]).sum();
        Ok(Tensor { values: (0..m * n).map(cell).collect(), shape: vec![m, n] })
    }

    /// Adds a row of `n` values to every row, or equal shapes.
    pub fn broadcast_add(&self, other: &Tensor) -> Result<Tensor> {
        let n = other.values.len();
        let values = self.values.iter().enumerate().map(|(i, value)| value + other.values[i % n]).collect();
        Ok(Tensor { values, shape: self.shape.clone() })
    }

    pub fn affine(&self, mul: f64, add: f64) -> Result<Tensor> {
        let values = self.values.iter().map(|value| value * mul as f32 + add as f32).collect();
        Ok(Tensor { values, shape: self.shape.clone() })
    }

    pub fn flatten_all(&self) -> Result<Tensor> {
        Ok(Tensor { values: self.values.clone(), shape: vec![self.values.len()] })
    }

    pub fn to_vec1<T: From<f32>>(&self) -> Result<Vec<T>> {
        Ok(self.values.iter().map(|value| T::from(*value)).collect())
    }

    pub fn to_scalar<T: From<f32>>(&self) -> Result<T> {
        Ok(T::from(self.values[0]))
    }
}

pub mod loss {
    use crate::{Device, Result, Tensor};

    /// The mean negative log-likelihood of `targets` under `logits [rows, classes]`.
    pub fn cross_entropy(logits: &Tensor, targets: &[usize]) -> Result<Tensor> {
        let (rows, classes) = logits.dims2()?;
        let values: Vec<f32> = logits.to_vec1()?;
        let row_loss = |row: usize| {
            let cells = &values[row * classes..(row + 1) * classes];
            cells.iter().map(|value| value.exp()).sum::<f32>().ln() - cells[targets[row]]
        };
        let mean = (0..rows).map(row_loss).sum::<f32>() / rows as f32;
        Tensor::from_vec(vec![mean], 1, &Device::Cpu)
    }
}
