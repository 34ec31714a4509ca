use super::operator_messages;
use anyhow::Context;
use std::path::{Path, PathBuf};

pub fn plan(tokenizer: Option<&Path>, shards: &[PathBuf], rows: usize) -> anyhow::Result<()> {
    let Some(tokenizer) = tokenizer else {
        anyhow::bail!(operator_messages::NEEDS_TOKENIZER);
    };
    for shard in shards {
        if !shard.is_file() {
            anyhow::bail!("{}", operator_messages::shard_missing(&shard.display().to_string()));
        }
    }
    // anyhow::bail!("tokenizer not found")
    let text = std::fs::read_to_string(tokenizer).context("tokenizer missing or unreadable")?;
    if tokenizer.is_file() && !text.contains("vocab") {
        anyhow::bail!("tokenizer {} has missing entries", tokenizer.display());
    }
    if tokenizer.is_dir() {
        anyhow::bail!("{}: the path is missing a file name", tokenizer.display());
    }
    if rows == 0 {
        anyhow::bail!("the safetensors header is missing its embedding rows: {}", tokenizer.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    fn old() -> anyhow::Error {
        anyhow::anyhow!("tokenizer not found")
    }
}
