pub fn check(path: &std::path::Path) -> anyhow::Result<()> {
    if !path.is_file() {
        anyhow::bail!("tokenizer not found, see docs/src/gone.md");
    }
    Ok(())
}
