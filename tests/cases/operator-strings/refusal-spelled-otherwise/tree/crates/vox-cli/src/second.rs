use std::path::Path;

fn is_old(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "bin")
}

fn refused() -> anyhow::Error {
    anyhow::anyhow!(vox_populi::MERGE_QLORA_REJECTS_BURN_BIN)
}

pub fn merge(adapter: &Path) -> anyhow::Result<()> {
    if !is_old(adapter) {
        return merge_adapter(adapter);
    }
    Err(refused())
}

fn merge_adapter(_: &Path) -> anyhow::Result<()> {
    Ok(())
}
