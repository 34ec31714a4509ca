//! Fitting.

pub struct Options;

pub fn fit() {}
