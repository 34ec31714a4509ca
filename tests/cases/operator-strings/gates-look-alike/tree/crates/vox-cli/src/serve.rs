pub fn serve(tokenizer: &std::path::Path) -> anyhow::Result<()> {
    if !tokenizer.is_file() {
        anyhow::bail!("tokenizer.json not found");
    }
    Ok(())
}
