use anyhow::{bail, ensure, format_err, Result};

pub fn few(count: usize) -> Result<()> {
    bail!("{} of {}", count)
}

pub fn many(count: usize) -> Result<()> {
    ensure!(count > 1, "count is {count}", count);
    Ok(())
}

pub fn position(count: usize) -> Result<()> {
    Err(format_err!("{0} {2}", count, 1))
}

pub fn named(count: usize) -> Result<()> {
    bail!("{count}", count = count, other = 2)
}

pub fn star(count: usize) -> Result<()> {
    bail!("{:.*}", count)
}

pub fn fine(count: usize) -> Result<()> {
    bail!("{0} {1} {0}", count, vec![1, 2].iter().map(|x| x + 1).sum::<i32>())
}
