use burn::module::Param;
use burn::tensor::backend::Backend;
use candle_core::{Result, Tensor};

pub struct Gate {
    shift_bias: Tensor,
    width: usize,
    pos_bias: usize,
}

impl Gate {
    pub fn load(vb: candle_nn::VarBuilder, width: usize) -> Result<Self> {
        let shift_bias = vb.get((width,), "shift.bias")?;
        Ok(Self { shift_bias, width, pos_bias: 3 })
    }

    pub fn plus(&self, x: &Tensor, rows: usize) -> Result<Tensor> {
        let a = x.reshape((rows, 2, self.width))?;
        &a + &self.shift_bias
    }

    pub fn column(&self, a: &Tensor) -> Result<Tensor> {
        a.broadcast_add(&self.shift_bias.unsqueeze(1)?)
    }

    pub fn right(&self, a: &Tensor) -> Result<Tensor> {
        let (_, _, n) = a.dims3()?;
        a.broadcast_add(&self.shift_bias)?.broadcast_add(&self.shift_bias.reshape((1, 1, n))?)
    }

    pub fn number(&self, a: &Tensor) -> Result<usize> {
        let (rows, _) = a.dims2()?;
        Ok(rows + self.pos_bias)
    }
}

pub struct Unit {
    bias: Option<Tensor>,
}

impl Unit {
    pub fn forward(&self, x: &Tensor, weight: &Tensor) -> Result<Tensor> {
        let y = x.matmul(weight)?;
        match &self.bias {
            Some(bias) => y + bias,
            None => Ok(y),
        }
    }
}

pub struct Layer<B: Backend> {
    weight: Param<burn::tensor::Tensor<B, 2>>,
    bias: Option<Param<burn::tensor::Tensor<B, 1>>>,
}

impl<B: Backend> Layer<B> {
    pub fn forward(&self, x: burn::tensor::Tensor<B, 2>) -> burn::tensor::Tensor<B, 2> {
        let mut y = x.matmul(self.weight.val());
        if let Some(bias) = &self.bias {
            y = y + bias.val();
        }
        y
    }
}
