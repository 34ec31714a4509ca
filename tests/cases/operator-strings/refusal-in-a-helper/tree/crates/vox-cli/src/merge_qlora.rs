use crate::files;
use std::path::Path;

const OLD: &str = "bin";

pub fn run_merge_qlora(adapter: &Path, output: &Path) -> anyhow::Result<()> {
    files::refuse_old(adapter)?;
    if files::is_old(adapter) {
        anyhow::bail!("told by a helper of another file");
    }
    if adapter.extension().and_then(|e| e.to_str()) == Some(OLD) {
        anyhow::bail!("told by a constant");
    }
    merge_into_base(adapter, output)
}

fn merge_into_base(_: &Path, _: &Path) -> anyhow::Result<()> {
    Ok(())
}
