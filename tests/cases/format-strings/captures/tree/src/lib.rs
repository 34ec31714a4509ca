use anyhow::{anyhow, bail, Result};
use std::io::*;

pub fn unbound(path: &str) -> Result<()> {
    bail!("cannot read {pth}: {path}")
}

pub fn elsewhere(first: &str) -> Result<()> {
    let second = first.len();
    bail!("{second}")
}

pub fn closure(paths: &[&str]) -> Vec<anyhow::Error> {
    paths.iter().enumerate().map(|(at, path)| anyhow!("{at}: {path}")).collect()
}

pub fn pattern(value: Option<(u8, u8)>) -> Result<()> {
    match value {
        Some((low, high)) if low > high => bail!("{low} > {high}"),
        other => bail!("{other:?} {FROM_A_GLOB}"),
    }
}

macro_rules! refuse {
    ($name:ident) => {
        anyhow::bail!("{anything}")
    };
}

impl Size {
    pub fn of(&self) -> Result<()> {
        bail!("{self:?} is not {wide:width$}", width = 3)
    }
}
