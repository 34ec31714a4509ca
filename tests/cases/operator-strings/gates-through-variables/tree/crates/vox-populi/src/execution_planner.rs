use std::path::{Path, PathBuf};

const NO_CONFIG: &str = "config.json not found";

pub fn plan(tokenizer: &Path, shards: &[PathBuf], rows: usize) -> anyhow::Result<()> {
    let present = tokenizer.is_file();
    if !present {
        let text = format!("tokenizer not found: {}", tokenizer.display());
        anyhow::bail!(text);
    }
    if present {
        tracing::debug!("tokenizer not found elsewhere");
    } else {
        anyhow::bail!("the tokenizer is missing");
    }
    if shards.len() == 0 {
        anyhow::bail!("no safetensors found");
    }
    let [first, ..] = shards else {
        anyhow::bail!("no base weights listed");
    };
    let gone: Vec<_> = shards.iter().filter(|shard| !shard.is_file()).collect();
    if !gone.is_empty() {
        anyhow::bail!("weight shards missing: {gone:?}");
    }
    for shard in shards.iter().filter(|shard| !shard.exists()) {
        anyhow::bail!("weight shard not found: {}", shard.display());
    }
    let odd: Vec<_> = shards.iter().filter(|shard| shard.is_absolute()).collect();
    if !odd.is_empty() {
        anyhow::bail!("safetensors with no relative name found: {odd:?}");
    }
    if shards.len() > 0 && rows == 0 {
        anyhow::bail!("rows are missing in the safetensors {}", first.display());
    }
    if tokenizer.with_file_name("config.json").is_file() == false {
        anyhow::bail!(NO_CONFIG);
    }
    Ok(())
}
