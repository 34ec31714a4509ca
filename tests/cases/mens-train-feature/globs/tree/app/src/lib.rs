//! The consumer: `plain` turns `train` not on, so that the glob brings in less than is used.
#![cfg(feature = "plain")]

mod named;
mod other;

use engine::model::*;

pub fn uses() -> Model {
    let _ = Trainer::new();
    assert_eq!(RATES, 3, "RATES are {}", stringify!(config.RATES));
    let table = [0; RATES];
    fit::fit();
    load()
}

#[cfg(feature = "gpu")]
pub fn trains(_: Trainer) {}

/// A [`Trainer`] and its [`RATES`].
pub fn documented() {
    println!("Trainer RATES");
}
