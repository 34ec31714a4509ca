//! Which files a run needs, before anything is loaded.

use std::path::PathBuf;

use anyhow::{bail, Result};

use super::operator_messages;

/// What a run is asked to do.
#[derive(Clone, Debug, Default)]
pub struct RunRequest {
    pub tokenizer: PathBuf,
    pub shards: Vec<PathBuf>,
    pub qlora_require_full_proxy_stack: bool,
    pub layer_keys: Vec<String>,
}

/// Fails unless every file of the run exists.
pub fn plan(request: &RunRequest) -> Result<usize> {
    if !request.tokenizer.is_file() {
        bail!("{}", operator_messages::tokenizer_not_a_file(&request.tokenizer));
    }
    for shard in &request.shards {
        if !shard.is_file() {
            bail!("weight shard {} not found", shard.display());
        }
    }
    Ok(request.shards.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tokenizer_is_named() {
        let request = RunRequest { tokenizer: PathBuf::from("nowhere/tokenizer.json"), ..RunRequest::default() };
        let message = plan(&request).unwrap_err().to_string();
        assert!(message.contains("nowhere/tokenizer.json"), "{message}");
    }
}
