//! A repository of one package, whose tests stand behind a hardware feature.

#[cfg(feature = "cuda")]
mod on_gpu;

pub fn scaled(x: f32) -> f32 {
    x * 2.0
}
