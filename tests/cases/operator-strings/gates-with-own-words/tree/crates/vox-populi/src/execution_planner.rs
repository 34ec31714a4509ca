use super::operator_messages;
use anyhow::Context;
use std::path::{Path, PathBuf};

pub fn plan(tokenizer: Option<&Path>, shards: &[PathBuf], rows: usize) -> anyhow::Result<()> {
    let tokenizer = tokenizer.ok_or_else(|| anyhow::anyhow!("Tokenizer path is missing"))?;
    anyhow::ensure!(tokenizer.is_file(), "the tokenizer does not exist: {}", tokenizer.display());
    let missing = shards.is_empty();
    if missing {
        return Err(anyhow::anyhow!(
            "pass --model: \
             no safetensors shards were listed"
        ));
    }
    match shards.first() {
        Some(_) => {}
        None => return Err(anyhow::Error::msg(format!("base weights missing for {rows}"))),
    }
    let first = shards.first().context("weight shard not found")?;
    if let Some(shard) = shards.iter().find(|shard| !shard.exists()) {
        anyhow::bail!("{}: config.json is not a file", shard.display());
    }
    for shard in shards {
        if !shard.is_file() {
            anyhow::bail!("{}", operator_messages::shard_missing(&shard.display().to_string()));
        }
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
