use anyhow::{anyhow, bail, Result};

pub fn one(path: &str) -> Result<()> {
    bail!("expected { \"a\": 1 } in {path}")
}

pub fn two() -> Result<()> {
    Err(anyhow!("closed twice }"))
}

pub fn three(count: usize) -> Result<()> {
    Err(anyhow!("never closed {count"))
}

pub fn four(count: usize) -> Result<()> {
    bail!("{count:q} is no trait, {count:,} no spec")
}

pub fn five() -> Result<()> {
    bail!(
        "über \u{7b} hidden \
         and {{ shown"
    )
}

pub fn six() -> Result<()> {
    bail!(r#"raw "{ }}" text"#)
}
