pub const NEEDS_TOKENIZER: &str = "A tokenizer is needed: pass `--model <repo>`.";

pub fn shard_missing(path: &str) -> String {
    format!("The weight shard {path} was not found; fetch it again.\n\
        See docs/src/shards.md or docs/src/reference/mens-training.md.")
}
