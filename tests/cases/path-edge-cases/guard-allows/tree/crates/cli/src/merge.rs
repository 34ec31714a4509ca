//! The merge command.

use model::{merge_qlora_v2_into_base_subset, MERGE_QLORA_REJECTS_BURN_BIN};
use std::path::PathBuf;

pub fn run_merge(base: PathBuf, adapter: PathBuf) -> anyhow::Result<()> {
    if !adapter.extension().is_some_and(|e| e.eq_ignore_ascii_case("safetensors")) {
        anyhow::bail!("{MERGE_QLORA_REJECTS_BURN_BIN}");
    }
    merge_qlora_v2_into_base_subset(&base, &adapter)?;
    Ok(())
}

/// Only one extension is welcome.
pub fn run_strict(base: PathBuf, adapter: PathBuf) -> anyhow::Result<()> {
    let Some("safetensors") = adapter.extension().and_then(|e| e.to_str()) else {
        anyhow::bail!(MERGE_QLORA_REJECTS_BURN_BIN);
    };
    merge_qlora_v2_into_base_subset(&base, &adapter)
}

/// One extension is welcome, and so are the others.
pub fn run_lax(base: PathBuf, adapter: PathBuf) -> anyhow::Result<()> {
    if let Some("safetensors") = adapter.extension().and_then(|e| e.to_str()) {
        tracing::info!("as it should be");
    }
    merge_qlora_v2_into_base_subset(&base, &adapter)
}

#[cfg(test)]
mod tests {
    use super::run_merge;

    #[test]
    fn rejects_burn_checkpoints() {
        for name in ["a.bin", "a.safetensors.bin", "a.BIN", "C:\\runs\\a.bin", "a.bin.", "a.bin.safetensors"] {
            let adapter = std::path::PathBuf::from(name);
            assert!(super::run_strict("base".into(), adapter.clone()).is_err());
            assert!(run_merge("base".into(), adapter).is_err());
        }
    }
}
