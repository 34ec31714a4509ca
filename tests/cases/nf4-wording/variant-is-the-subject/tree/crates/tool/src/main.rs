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
    #[command(long_about = include_str!("../help/train.md"))]
    Train {
        /// Which trainer runs.
        #[arg(long, value_enum, default_value_t = Backend::Qlora)]
        backend: Backend,
    },
}

#[derive(Clone, ValueEnum)]
pub enum Backend {
    /// NF4 frozen base.
    Lora,
    /// f32 LoRA on full weights.
    Qlora,
}
