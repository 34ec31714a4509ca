#[test]
fn it() -> anyhow::Result<()> {
    anyhow::bail!("{")
}
