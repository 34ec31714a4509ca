#[cfg(any(test, feature = "gpu"))]
pub fn fine() {
    engine::fit();
}

#[cfg(any(test, feature = "plain"))]
pub fn gap() {
    engine::fit();
}
