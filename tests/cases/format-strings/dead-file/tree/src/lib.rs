pub fn f() -> anyhow::Result<()> { anyhow::bail!("fine") }

#[cfg(any())]
pub fn g() -> anyhow::Result<()> { anyhow::bail!("{") }
