//! Telling the adapters of the two stacks apart.

use std::path::Path;

/// What `merge-qlora` says to a Burn adapter.
pub const MERGE_QLORA_REJECTS_BURN_BIN: &str = "this is a Burn `*.bin` adapter; `vox mens merge-qlora` takes Candle \
     safetensors (see docs/src/reference/mens-training.md)";

/// Whether `adapter` is named like a Burn adapter, in any case and behind any further extension.
///
/// Both separators count, and what Windows drops from the end of a name (`.`, ` `, `:stream`) does not.
pub fn is_burn_adapter(adapter: &Path) -> bool {
    let text = adapter.to_string_lossy();
    let name = text.rsplit(['/', '\\']).next().unwrap_or("");
    let name = name.split(':').next().unwrap_or("").trim_end_matches(['.', ' ']);
    name.split('.').skip(1).any(|part| part.eq_ignore_ascii_case("bin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burn_adapters_are_known_by_any_extension() {
        for name in [
            "latest.bin",
            "LATEST.BIN",
            "adapter.bin.safetensors",
            "adapter.safetensors.bin",
            r"C:\runs\latest.bin",
            r"\\server\runs\latest.bin",
            "latest.bin.",
            "latest.bin::$DATA",
        ] {
            assert!(is_burn_adapter(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn other_files_are_not() {
        for name in ["adapter.safetensors", "runs.bin/adapter.safetensors", "binary.txt", "bin"] {
            assert!(!is_burn_adapter(Path::new(name)), "{name}");
        }
    }
}
