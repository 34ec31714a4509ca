//! A small command line.
mod mens;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "vox")]
struct Root {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything about models.
    Mens {
        #[command(subcommand)]
        action: mens::Action,
    },
}

fn main() {
    let root = Root::parse();
    let Command::Mens { action } = root.command;
    mens::run(action);
}
