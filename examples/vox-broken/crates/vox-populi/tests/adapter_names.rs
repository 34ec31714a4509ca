//! Adapter names, as far as the Candle stack alone knows them.
#![cfg(feature = "mens-candle-qlora")]

use std::path::Path;

use vox_populi::mens::is_burn_adapter;

#[test]
fn safetensors_are_no_burn_adapter() {
    assert!(!is_burn_adapter(Path::new("adapter.safetensors")));
}
