pub const NEEDS_TOKENIZER: &str = "The old words said that a tokenizer must be given: pass `--model <repo>`.";

pub fn shard_missing(path: &str) -> String {
    format!("The weight shard {path} was not found; fetch it again.")
}
