//! A mill.
