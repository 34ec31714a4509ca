//! Dense f32 tensors with the spelling of Burn.

pub mod backend {
    /// The CPU backend.
    #[derive(Clone, Debug, Default)]
    pub struct NdArray;

    impl crate::tensor::backend::Backend for NdArray {
        type Device = ();
    }
}

pub mod nn {
    use crate::tensor::{backend::Backend, Tensor};

    /// How a parameter starts.
    #[derive(Clone, Copy, Debug)]
    pub enum Initializer {
        Zeros,
        Constant(f32),
    }

    impl Initializer {
        pub fn init<B: Backend>(&self, shape: [usize; 2], device: &B::Device) -> Tensor<B, 2> {
            let value = match self {
                Initializer::Zeros => 0.0,
                Initializer::Constant(value) => *value,
            };
            Tensor::full(shape, value, device)
        }
    }

    /// A projection: `input [batch, d_input] @ weight [d_input, d_output]`.
    #[derive(Clone, Debug)]
    pub struct Linear<B: Backend> {
        pub weight: Tensor<B, 2>,
    }

    impl<B: Backend> Linear<B> {
        /// `input [batch, d_input] @ weight [d_input, d_output]`
        pub fn forward(&self, input: Tensor<B, 2>) -> Tensor<B, 2> {
            input.matmul(self.weight.clone())
        }
    }

    /// The settings of a projection.
    pub struct LinearConfig {
        d_input: usize,
        d_output: usize,
        initializer: Initializer,
    }

    impl LinearConfig {
        pub fn new(d_input: usize, d_output: usize) -> Self {
            LinearConfig { d_input, d_output, initializer: Initializer::Constant(0.02) }
        }

        pub fn with_initializer(mut self, initializer: Initializer) -> Self {
            self.initializer = initializer;
            self
        }

        pub fn init<B: Backend>(&self, device: &B::Device) -> Linear<B> {
            Linear { weight: self.initializer.init([self.d_input, self.d_output], device) }
        }
    }

    pub mod loss {
        use crate::tensor::{backend::Backend, Tensor, TensorData};

        #[derive(Default)]
        pub struct CrossEntropyLossConfig;

        pub struct CrossEntropyLoss;

        impl CrossEntropyLossConfig {
            pub fn new() -> Self {
                CrossEntropyLossConfig
            }

            pub fn init<B: Backend>(&self, _device: &B::Device) -> CrossEntropyLoss {
                CrossEntropyLoss
            }
        }

        impl CrossEntropyLoss {
            /// The mean negative log-likelihood of `targets` under `logits [rows, classes]`.
            pub fn forward<B: Backend>(&self, logits: Tensor<B, 2>, targets: &[usize]) -> Tensor<B, 1> {
                let [rows, classes] = logits.dims();
                let values: Vec<f32> = logits.into_data().to_vec().expect("f32 values");
                let row_loss = |row: usize| {
                    let cells = &values[row * classes..(row + 1) * classes];
                    cells.iter().map(|value| value.exp()).sum::<f32>().ln() - cells[targets[row]]
                };
                let mean = (0..rows).map(row_loss).sum::<f32>() / rows as f32;
                Tensor::from_data(TensorData::new(vec![mean], [1]), &B::Device::default())
            }
        }
    }

    pub mod attention {
        use super::Linear;
        use crate::tensor::backend::Backend;

        /// Attention with fixed projections: it knows nothing of rotary positions.
        #[derive(Clone, Debug)]
        pub struct MultiHeadAttention<B: Backend> {
            pub query: Linear<B>,
            pub key: Linear<B>,
            pub value: Linear<B>,
        }
    }
}

pub mod tensor {
    use std::marker::PhantomData;
    use std::ops::Add;

    use self::backend::Backend;

    pub mod backend {
        pub trait Backend: Clone + std::fmt::Debug + 'static {
            type Device: Default + Clone;
        }
    }

    /// Values and their shape.
    pub struct TensorData {
        values: Vec<f32>,
        shape: Vec<usize>,
    }

    impl TensorData {
        pub fn new<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Self {
            TensorData { values, shape: shape.to_vec() }
        }

        pub fn to_vec<E: From<f32>>(&self) -> Result<Vec<E>, String> {
            Ok(self.values.iter().map(|value| E::from(*value)).collect())
        }
    }

    #[derive(Clone, Debug)]
    pub struct Tensor<B: Backend, const D: usize> {
        values: Vec<f32>,
        shape: [usize; D],
        backend: PhantomData<B>,
    }

    impl<B: Backend, const D: usize> Tensor<B, D> {
        fn new(values: Vec<f32>, shape: [usize; D]) -> Self {
            assert_eq!(values.len(), shape.iter().product::<usize>());
            Tensor { values, shape, backend: PhantomData }
        }

        pub fn from_data(data: TensorData, _device: &B::Device) -> Self {
            let shape: [usize; D] = data.shape.try_into().expect("a shape of D axes");
            Tensor::new(data.values, shape)
        }

        pub fn full(shape: [usize; D], value: f32, _device: &B::Device) -> Self {
            Tensor::new(vec![value; shape.iter().product()], shape)
        }

        pub fn dims(&self) -> [usize; D] {
            self.shape
        }

        pub fn reshape<const E: usize>(self, shape: [usize; E]) -> Tensor<B, E> {
            Tensor::new(self.values, shape)
        }

        pub fn mul_scalar(self, factor: f32) -> Self {
            let values = self.values.iter().map(|value| value * factor).collect();
            Tensor::new(values, self.shape)
        }

        pub fn into_data(self) -> TensorData {
            TensorData { values: self.values, shape: self.shape.to_vec() }
        }
    }

    impl<B: Backend> Tensor<B, 2> {
        pub fn matmul(self, other: Tensor<B, 2>) -> Tensor<B, 2> {
            let ([m, k], [inner, n]) = (self.shape, other.shape);
            assert_eq!(k, inner);
            let cell = |i: usize| (0..k).map(|j| self.values[i / n * k + j] * other.values[j * n + i % n]).sum();
            Tensor::new((0..m * n).map(cell).collect(), [m, n])
        }
    }

    impl<B: Backend> Add for Tensor<B, 2> {
        type Output = Tensor<B, 2>;

        /// Adds equal shapes, or a row `[1, n]` to every row.
        fn add(self, other: Tensor<B, 2>) -> Tensor<B, 2> {
            let repeat = if other.shape[0] == 1 { self.shape[1] } else { self.values.len() };
            let values = self.values.iter().enumerate();
            Tensor::new(values.map(|(i, value)| value + other.values[i % repeat]).collect(), self.shape)
        }
    }
}
