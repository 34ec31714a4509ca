use std::path::{Path, PathBuf};

pub fn plan(tokenizer: &Path, shards: &[PathBuf], rows: usize, strict: bool) -> anyhow::Result<()> {
    let present = tokenizer.is_file();
    let gone = shards.iter().filter(|shard| !shard.is_file()).count();
    let (config, wide) = (tokenizer.with_file_name("config.json").exists(), rows > 3);
    let usable = present || !strict;
    if strict && !usable {
        anyhow::bail!("the tokenizer is missing: {}", tokenizer.display());
    }
    if gone > 0 {
        anyhow::bail!("{gone} weight shards not found");
    }
    if !config {
        anyhow::bail!("config.json not found");
    }
    if !wide {
        anyhow::bail!("too few rows: config.json and safetensors found do not fit; missing {rows}");
    }
    if !is_there(tokenizer) {
        anyhow::bail!("the tokenizer does not exist");
    }
    if !has_rows(shards) {
        anyhow::bail!("no rows found in safetensors");
    }
    if shards.is_empty() {
        anyhow::bail!("{}: {rows}", format!("base weights are missing for {}", tokenizer.display()));
    }
    if shards.is_empty() {
        anyhow::bail!("{} ({})", super::operator_messages::shard_missing("first"), "no weight shard found");
    }
    match shards.first() {
        Some(first) if !first.is_file() => anyhow::bail!("weight shard missing: {}", first.display()),
        Some(first) if first.is_absolute() => anyhow::bail!("no relative safetensors found: {}", first.display()),
        _ => {}
    }
    check(tokenizer)
}

fn check(tokenizer: &Path) -> anyhow::Result<()> {
    if tokenizer.is_file() {
        return Ok(());
    }
    anyhow::bail!("tokenizer.json is not a file: {}", tokenizer.display())
}

fn fits(config: &Path, rows: usize) -> anyhow::Result<()> {
    if config.is_file() {
        return Ok(());
    }
    let columns = rows * 2;
    anyhow::bail!("the safetensors are missing {columns} columns")
}

fn is_there(path: &Path) -> bool {
    // links are followed
    path.is_file()
}

fn has_rows(shards: &[PathBuf]) -> bool {
    if shards.is_empty() {
        return true;
    }
    shards.iter().all(|shard| shard.is_absolute())
}
