#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    #[error("A tokenizer is needed: pass `--model <repo>`.")]
    Tokenizer,
    #[error("The weight shard {0} was
        not found; fetch it again.")]
    Shard(String),
    #[error("A tokenizer is needed here as well: pass `--model <repo>`.")]
    #[doc = "A tokenizer is needed: pass `--model <repo>`."]
    Other,
}

/// A tokenizer is needed: pass `--model <repo>`.
#[cfg(test)]
mod tests {
    #[deprecated(note = "A tokenizer is needed: pass `--model <repo>`.")]
    fn old() {}
}
