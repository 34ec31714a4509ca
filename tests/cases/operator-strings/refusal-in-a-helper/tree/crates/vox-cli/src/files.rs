use std::path::Path;

pub fn is_old(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "bin")
}

pub fn refuse_old(path: &Path) -> anyhow::Result<()> {
    if path.extension().is_none_or(|e| e != "bin") {
        return Ok(());
    }
    anyhow::bail!("old checkpoints are not supported")
}

pub fn refuse_archive(path: &Path) -> anyhow::Result<()> {
    if path.ends_with(".bin") {
        anyhow::bail!("no merge command calls this");
    }
    Ok(())
}
