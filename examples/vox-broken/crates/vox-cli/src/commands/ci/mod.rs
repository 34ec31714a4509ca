//! `vox ci`: what a workflow calls.

use anyhow::{ensure, Context, Result};
use clap::Subcommand;

#[derive(Subcommand)]
pub enum CiCommand {
    /// Run one profile of the gate manifest.
    #[command(name = "mens-gate", visible_alias = "mesh-gate")]
    MensGate {
        /// The profile to run.
        #[arg(long, default_value = "ci_full")]
        profile: String,
    },
}

/// Prints the steps of a profile in the order in which the workflow runs them.
pub fn run_gate(words: &[&str]) -> Result<()> {
    let profile = match words {
        ["--profile", name] => name,
        _ => "ci_full",
    };
    let manifest = std::fs::read_to_string("scripts/mens/gates.yaml").context("read the gate manifest")?;
    ensure!(manifest.contains(profile), "the manifest has no profile {profile}");
    println!("{manifest}");
    Ok(())
}
