mod wide;

pub fn f() -> anyhow::Result<()> {
    anyhow::bail!("fine")
}
