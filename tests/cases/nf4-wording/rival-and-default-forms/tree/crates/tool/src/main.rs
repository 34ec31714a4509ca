use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Action,
}

#[derive(Subcommand)]
#[command(name = "mens")]
pub enum Action {
    /// Train an adapter.
    Train {
        /// Which trainer runs.
        #[arg(long, value_enum, default_value_t = Backend::Qlora)]
        backend: Backend,
    },
}

#[derive(Clone, ValueEnum)]
pub enum Backend {
    /// Burn with f32 LoRA.
    Lora,
    /// Candle with qlora-rs NF4.
    Qlora,
}
