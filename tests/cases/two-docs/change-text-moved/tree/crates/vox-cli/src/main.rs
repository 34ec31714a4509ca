//! A small command line.
mod commands;

use commands::mens;

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

fn left_out() {
    println!("the mix is left out: {}", "ok");
}

fn main() {
    left_out();
    let root = Root::parse();
    let Command::Mens { action } = root.command;
    mens::run(action);
}
