#[cfg(feature = "gpu")]
pub fn fine() {
    engine::native();
    engine::earthbound();
}

#[cfg(all(feature = "plain", not(target_os = "windows")))]
pub fn gap() {
    engine::native();
    engine::earthbound();
}
