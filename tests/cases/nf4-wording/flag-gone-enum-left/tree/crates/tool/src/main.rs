use clap::{Parser, Subcommand, ValueEnum};

#[derive(Subcommand)]
#[command(name = "mens")]
pub enum Action {
    /// Train with Burn on an NF4 base.
    Train {
        #[arg(long)]
        trainer: String,
    },
}

/// Nothing says which is the default here.
#[derive(Clone, ValueEnum)]
pub enum Backend {
    /// Burn with f32 LoRA (default).
    Lora,
    /// Candle with qlora-rs NF4.
    Qlora,
}
