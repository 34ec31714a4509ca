//! One module per subcommand.

use anyhow::{bail, Result};

pub mod ci;
pub mod mens;

/// Runs the command that `words` name.
pub fn run(words: &[&str]) -> Result<()> {
    match words {
        ["ci", "mens-gate" | "mesh-gate", rest @ ..] => ci::run_gate(rest),
        ["mens", rest @ ..] => mens::run(rest),
        _ => bail!("unknown command {words:?}"),
    }
}
