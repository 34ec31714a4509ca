//! A model that runs on any backend.

pub struct Model<B: Backend> {
    pub layer: Layer<B>,
}

impl<B: Backend> Model<B> {
    pub fn new(device: &B::Device) -> Self {
        Self { layer: Layer::new(device) }
    }

    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.layer.forward(x)
    }
}

pub struct Layer<B: Backend> {
    pub weight: Tensor<B, 2>,
}

impl<B: Backend> Layer<B> {
    pub fn new(device: &B::Device) -> Self {
        Self { weight: Tensor::zeros([2, 2], device) }
    }

    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        x.matmul(self.weight.clone())
    }
}

pub fn weigh(device: &Device) -> usize {
    device.location()
}

pub fn open() -> Device {
    Device::new_cuda(0).unwrap()
}

#[cfg(test)]
mod on_cpu {
    use super::*;

    type B = burn::backend::NdArray;

    #[test]
    fn model_runs() {
        let Ok(_device) = Device::new_cuda(0) else {
            return;
        };
        let model = Model::<B>::new(&Default::default());
        model.forward(Tensor::zeros([2, 2], &Default::default()));
    }

    #[test]
    fn weighs() {
        if candle_core::utils::cuda_is_available() {
            let device = Device::new_cuda(0).unwrap();
            assert_eq!(weigh(&device), 0);
        } else {
            println!("nothing on {:?}", Device::Cpu);
        }
    }
}
