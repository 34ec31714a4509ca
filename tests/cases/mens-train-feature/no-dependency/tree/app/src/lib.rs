#[cfg(feature = "gpu")]
pub fn run() {
    engine::fit();
}

#[cfg(feature = "retired")]
pub fn never() {
    engine::fit();
}
