use candle_core::Tensor;

pub fn apart(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
}

pub fn norm(a: &[f32]) -> Vec<f32> {
    a.iter().map(|x| x.abs()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &[f32], b: &[f32], within: f32) {
        for (x, y) in a.iter().zip(b) {
            if (x - y).abs() > within {
                panic!("{x} is not {y}");
            }
        }
    }

    #[test]
    fn by_a_helper() {
        let got = Tensor::new(&[[1f32]], &Device::Cpu).unwrap().matmul(&other()).unwrap();
        check(&got.to_vec1().unwrap(), &[1.0], 1e-2);
    }

    #[test]
    fn by_a_difference() {
        let got = Tensor::new(&[[1f32]], &Device::Cpu).unwrap().matmul(&other()).unwrap();
        assert!(apart(&got.to_vec1().unwrap(), &[1.0]) < 1e-2);
    }

    #[test]
    fn tight() {
        let got = Tensor::new(&[[1f32]], &Device::Cpu).unwrap().matmul(&other()).unwrap();
        check(&got.to_vec1().unwrap(), &[1.0], 1e-5);
        assert_eq!(norm(&got.to_vec1().unwrap()).len(), 1);
    }
}
