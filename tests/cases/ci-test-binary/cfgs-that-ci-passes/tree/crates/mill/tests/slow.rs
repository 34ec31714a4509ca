#![cfg(slow_stones)]

#[test]
fn grinds() {}
