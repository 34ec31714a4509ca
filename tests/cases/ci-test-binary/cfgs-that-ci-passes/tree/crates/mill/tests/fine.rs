#![cfg(fine_grain)]

#[test]
fn grinds() {}
