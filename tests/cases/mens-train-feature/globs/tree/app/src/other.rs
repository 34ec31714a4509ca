//! No glob of the library here.
use std::fmt::*;

pub struct Trainer;

impl Trainer {
    pub fn new() -> Self {
        Trainer
    }
}

pub fn rates<T: Debug>(_: T) -> usize {
    RATES
}

const RATES: usize = 2;
