use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Action,
}

#[derive(Subcommand)]
#[command(name = "mens")]
pub enum Action {
    /// Burn f32 LoRA or Candle qlora-rs NF4 (`--backend qlora`).
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
    /// Candle with qlora-rs NF4 (default).
    Qlora,
}

/// Burn could keep NF4 bases one day; this is no help text.
pub fn roadmap() {}

// println!("Burn NF4");

#[cfg(test)]
mod tests {
    #[test]
    fn wording() {
        println!("Burn NF4");
    }
}
