#![cfg(never_set)]

#[test]
fn grinds() {}
