//! The merge command.

use model::{merge_qlora_v2_into_base_subset, MERGE_QLORA_REJECTS_BURN_BIN};
use std::path::PathBuf;

pub fn run_merge(base: PathBuf, adapter: PathBuf) -> anyhow::Result<()> {
    if adapter
        .extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| e.eq_ignore_ascii_case("bin"))
    {
        anyhow::bail!("{MERGE_QLORA_REJECTS_BURN_BIN}");
    }
    merge_qlora_v2_into_base_subset(&base, &adapter)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::run_merge;

    #[test]
    fn rejects_burn_checkpoints() {
        for name in ["a.bin", "a.safetensors.bin", "a.BIN", "C:\\runs\\a.bin", "a.bin.", "a.bin.safetensors"] {
            let adapter = std::path::PathBuf::from(name);
            assert!(run_merge("base".into(), adapter).is_err());
        }
    }
}
