#![cfg(all(windows, slow_stones))]

#[test]
fn grinds() {}
