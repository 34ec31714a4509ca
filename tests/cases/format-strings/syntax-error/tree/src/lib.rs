pub fn f() -> anyhow::Result<()> {
    anyhow::bail!("{ x }" ]
}
