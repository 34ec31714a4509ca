use std::path::Path;
use vox_populi::MERGE_QLORA_REJECTS_BURN_BIN;

pub fn run_merge_qlora(adapter: &Path, output: &Path) -> anyhow::Result<()> {
    let _ = MERGE_QLORA_REJECTS_BURN_BIN;
    anyhow::ensure!(adapter.extension() != Some("bin".as_ref()), "pass another file than {}", adapter.display());
    if !adapter.is_file() {
        anyhow::bail!("adapter not found: {}", adapter.display());
    }
    merge_into_base(adapter, output)
}

fn merge_into_base(_: &Path, _: &Path) -> anyhow::Result<()> {
    Ok(())
}
