#[cfg(any(feature = "gpu", feature = "plain"))]
pub fn either() {
    engine::fit();
}

#[cfg(all(feature = "plain", not(feature = "gpu")))]
pub fn never_gpu() {
    engine::fit();
}

#[cfg(all(feature = "plain", feature = "gpu", target_os = "windows"))]
pub fn both() {
    engine::fit();
}

#[cfg_attr(all(), cfg(feature = "gpu"))]
pub fn through_cfg_attr() {
    engine::fit();
}
