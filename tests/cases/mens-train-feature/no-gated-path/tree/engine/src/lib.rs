//! The feature `train` gates nothing.

pub fn fit() {}
