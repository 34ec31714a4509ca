// bail!("{")
pub fn bail() -> &'static str {
    "anyhow!(\"{\")"
}
