//! `vox mens`: training and merging.

use std::path::PathBuf;

use anyhow::{bail, Result};
use clap::{Subcommand, ValueEnum};

#[cfg(feature = "gpu")]
pub mod merge_qlora;
pub mod pipeline;

/// Which stack trains.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Backend {
    /// Burn: LoRA over an NF4 base.
    Lora,
    /// Candle: qlora-rs NF4.
    Qlora,
}

/// Train and merge language models.
#[derive(Subcommand)]
#[command(name = "mens")]
pub enum MensAction {
    /// Fine-tune a model; Candle QLoRA unless `--backend lora` asks for Burn f32 LoRA.
    Train {
        /// Burn f32 LoRA (`lora`) or Candle qlora-rs NF4 (`qlora`).
        #[arg(long, value_enum, default_value_t = Backend::Qlora)]
        backend: Backend,
        /// A named set of sizes.
        #[arg(long, default_value = "tiny")]
        preset: String,
        /// Stop instead of falling back to the CPU.
        #[arg(long)]
        require_gpu: bool,
    },
    /// Fold a Candle QLoRA adapter (safetensors) into f32 weights.
    #[command(name = "merge-qlora", visible_alias = "merge-adapter")]
    MergeQlora {
        /// The adapter, such as `candle_qlora_adapter.safetensors`.
        adapter: PathBuf,
    },
    /// Collect training text from the golden examples.
    Pipeline {
        /// Where the rows go.
        #[arg(long, default_value = "mens/runs/corpus.jsonl")]
        output: PathBuf,
    },
}

/// Runs the Mens command that `words` name.
pub fn run(words: &[&str]) -> Result<()> {
    match words {
        #[cfg(feature = "gpu")]
        ["merge-qlora" | "merge-adapter", adapter] => merge_qlora::run(std::path::Path::new(adapter)),
        ["pipeline"] => pipeline::run(),
        _ => bail!("unknown or unavailable command vox mens {words:?}"),
    }
}
