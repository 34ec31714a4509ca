//! Texts that operators see, in one place.

use std::path::Path;

/// The tokenizer path of a QLoRA run is no file.
pub fn tokenizer_not_a_file(path: &Path) -> String {
    format!("tokenizer {} is not a file; see docs/src/reference/mens-training.md", path.display())
}

/// A weight shard of the base model is missing.
pub fn weight_shard_not_found(path: &Path) -> String {
    format!("weight shard {} not found; see docs/src/reference/mens-training.md", path.display())
}
