use std::path::Path;
use vox_populi::MERGE_QLORA_REJECTS_BURN_BIN;

pub fn run_merge_qlora(adapter: &Path, output: &Path) -> anyhow::Result<()> {
    match adapter.extension().and_then(|e| e.to_str()) {
        Some("safetensors") => {}
        Some("bin") => anyhow::bail!("not this kind"),
        _ => anyhow::bail!("unknown kind"),
    }
    if !adapter.is_file() {
        anyhow::bail!("adapter not found: {}", adapter.display());
    }
    merge_into_base(adapter, output)
}

fn merge_into_base(_: &Path, _: &Path) -> anyhow::Result<()> {
    Ok(())
}
