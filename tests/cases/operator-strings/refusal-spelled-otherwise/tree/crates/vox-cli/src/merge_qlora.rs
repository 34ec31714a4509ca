use std::path::Path;
use vox_populi::MERGE_QLORA_REJECTS_BURN_BIN as REFUSAL;

pub fn run_merge_qlora(adapter: &Path, output: &Path) -> anyhow::Result<()> {
    if adapter.extension().and_then(|e| e.to_str()).is_some_and(|e| e.eq_ignore_ascii_case("bin")) {
        let text = format!("{}: {REFUSAL}", adapter.display());
        return Err(anyhow::Error::msg(text));
    }
    if !adapter.is_file() {
        anyhow::bail!("adapter not found: {}", adapter.display());
    }
    merge_into_base(adapter, output)
}

fn merge_into_base(_: &Path, _: &Path) -> anyhow::Result<()> {
    Ok(())
}
