pub mod operator_messages {
    pub const NEEDS_TOKENIZER: &str = "A tokenizer is needed.";

    pub fn shard_missing(shard: &str) -> String {
        format!("The weight shard {shard} was not \
            found; fetch it again.")
    }
}
