//! 4-bit NormalFloat storage of frozen weights.

pub mod qlora;

/// The 16 levels of NF4, rounded to what the example needs.
const LEVELS: [f32; 16] = [
    -1.0, -0.696, -0.525, -0.395, -0.284, -0.185, -0.091, 0.0, 0.080, 0.161, 0.246, 0.338, 0.441, 0.563, 0.723, 1.0,
];

/// A weight as codes and one scale.
#[derive(Clone, Debug)]
pub struct QuantizedTensor {
    codes: Vec<u8>,
    scale: f32,
}

pub fn quantize_nf4(values: &[f32]) -> QuantizedTensor {
    let scale = values.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let nearest = |value: &f32| {
        let distance = |code: &usize| (LEVELS[*code] - value / scale).abs();
        (0..16).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(7) as u8
    };
    QuantizedTensor { codes: values.iter().map(nearest).collect(), scale }
}

pub fn dequantize_nf4(tensor: &QuantizedTensor) -> Vec<f32> {
    tensor.codes.iter().map(|code| LEVELS[*code as usize] * tensor.scale).collect()
}
