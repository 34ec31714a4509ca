use clap::{Parser, Subcommand};

mod gate;

#[derive(Parser)]
#[command(name = "forge")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks for the build farm.
    Ci {
        #[command(subcommand)]
        command: CiCommand,
    },
}

#[derive(Subcommand)]
enum CiCommand {
    /// Run a profile of the gate.
    #[command(name = "gate", visible_alias = "checks")]
    Gate {
        #[arg(long, default_value = "quick")]
        profile: String,
    },
}

fn main() -> Result<(), String> {
    match Cli::parse().command {
        Command::Ci { command } => match command {
            CiCommand::Gate { profile } => gate::run(&profile),
        },
    }
}
