//! The consumer: whatever the spelling, `plain` does not turn `train` on.
#![cfg(feature = "plain")]

use engine as motor;
use engine::model;
use engine::model::fit as fitting;
use engine::{
    fit,
    model::fit::{Options, *},
};

pub fn uses() {
    engine::fit();
    println!("{:?}", vec![engine::model::fit::fit()]);
    motor::fit();
    model::fit::fit();
    fitting::fit();
    ::engine::fit();
    let _ = model::load();
}

mod inner {
    use super::*;

    pub fn more() {
        model::fit::fit();
    }
}
