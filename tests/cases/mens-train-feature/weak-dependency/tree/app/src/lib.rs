//! `engine?/train` alone leaves the dependency off.

#[cfg(feature = "gpu")]
pub fn gpu() {
    engine::fit();
}

#[cfg(feature = "both")]
pub fn both() {
    engine::fit();
}
