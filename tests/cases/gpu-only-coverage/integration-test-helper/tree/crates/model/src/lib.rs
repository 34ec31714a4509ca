//! One function with a CPU test that a macro makes, one without any.

pub fn rounded(device: &Device) -> f32 {
    device.ordinal() as f32
}

pub fn scaled(device: &Device) -> f32 {
    device.ordinal() as f32 * 2.0
}
