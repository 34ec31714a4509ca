use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Action,
}

#[derive(Subcommand)]
#[command(name = "mens")]
pub enum Action {
    /// Fine-tune with Burn NF4 or with a Candle embedding adapter (`--backend qlora`).
    Train {
        /// Which trainer runs.
        #[arg(long, value_enum, default_value_t = Backend::Qlora)]
        backend: Backend,
    },
}

#[derive(Clone, ValueEnum)]
pub enum Backend {
    /// Burn with f32 LoRA (deprecated).
    Lora,
    /// Candle with f32 LoRA (default).
    Qlora,
}

pub fn banner() {
    println!("Trainer: Burn, 4-bit base");
    eprintln!(
        "merge-weights found candle_qlora_adapter.safetensors \
         and uses it"
    );
}

pub const HINT: &str = "Candle runs write model_merged.bin";
