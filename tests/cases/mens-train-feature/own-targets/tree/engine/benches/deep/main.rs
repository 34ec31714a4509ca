#![cfg(feature = "base")]

mod part;

fn main() {}
