#![cfg(target_os = "linux")]

#[test]
fn grinds() {}
