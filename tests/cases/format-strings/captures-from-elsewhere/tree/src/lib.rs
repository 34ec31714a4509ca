use anyhow::{bail, Result};

lazy! {
    static ref TABLE: Table = Table::new();
}

include!("part.rs");

const SHARED: u8 = 1;

pub fn macro_bound() -> Result<()> {
    bind!(left, right);
    bail!("{left} {right} {TABLE}")
}
