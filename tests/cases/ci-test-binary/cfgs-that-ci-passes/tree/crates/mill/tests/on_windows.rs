#![cfg(windows)]

#[test]
fn grinds() {}
