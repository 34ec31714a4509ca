use anyhow::{anyhow, bail, Result};

mod texts;

const LOCAL: &str = "no {{ here";
pub const FINE: &str = "write { \"a\": 1 }";

pub fn one() -> Result<()> {
    bail!(LOCAL)
}

pub fn two(model: &str) -> Result<()> {
    Err(anyhow!(texts::NEEDS_MODEL))
}

pub fn three() -> Result<()> {
    bail!(texts::NEEDS_MODEL)
}

pub fn four() -> Result<()> {
    bail!(FINE)
}

pub fn five() -> Result<()> {
    bail!("{}", LOCAL)
}

pub fn six() -> Result<()> {
    use crate::texts::{BRACED as TEXT, SOUND as OTHER};
    if true {
        bail!(TEXT)
    }
    bail!(OTHER)
}
