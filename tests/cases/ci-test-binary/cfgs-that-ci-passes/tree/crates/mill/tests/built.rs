#![cfg(has_stones)]

#[test]
fn grinds() {}
