//! The `vox` command.

use clap::{Parser, Subcommand};

mod commands;

#[derive(Parser)]
#[command(name = "vox", about = "The Vox toolchain")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train and merge language models.
    #[command(subcommand)]
    Mens(commands::mens::MensAction),
    /// Checks that CI runs.
    #[command(subcommand)]
    Ci(commands::ci::CiCommand),
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Err(error) = commands::run(&words) {
        eprintln!("vox: {error}");
        std::process::exit(1);
    }
}
