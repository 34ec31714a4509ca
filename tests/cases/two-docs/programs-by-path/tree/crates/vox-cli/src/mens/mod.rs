//! `vox mens`.
mod tail;

use clap::{Subcommand, ValueEnum};

/// How fresh the input must be.
#[derive(Clone, Copy, Default, ValueEnum)]
pub enum Freshness {
    /// Refuse old input.
    Strict,
    #[default]
    /// Make new input first.
    SelfHealing,
}

pub const KNOWN_PRESETS: &[&str] = &["small", "large"];

#[derive(Subcommand)]
#[command(name = "mens")]
pub enum Action {
    /// Train a model.
    #[cfg(feature = "gpu")]
    Train {
        /// Where to compute.
        #[arg(long, default_value = "best")]
        device: String,
        #[arg(long, value_enum, default_value_t = Freshness::Strict)]
        freshness: Freshness,
        #[arg(long)]
        preset: Option<String>,
        #[arg(long, default_value_t = 8)]
        batch: usize,
        #[arg(long, default_value_t = true)]
        fallback: bool,
        /// Not for users.
        #[arg(long, hide = true)]
        probe: bool,
    },
    #[cfg(not(feature = "gpu"))]
    #[command(name = "train")]
    TrainStub {
        #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
        _args: Vec<String>,
    },
    /// Merge an adapter.
    #[command(name = "merge", visible_alias = "join")]
    Merge { adapter: String },
    #[command(flatten)]
    Tail(tail::Tail),
}

pub fn run(_action: Action) {
    if std::env::var("VOX_SKIP_MIX").is_ok() {
        println!("skipped");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn presets_are_known() {
        assert!(super::KNOWN_PRESETS.contains(&"small"));
    }
}
