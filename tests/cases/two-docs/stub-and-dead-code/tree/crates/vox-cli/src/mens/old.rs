use clap::Subcommand;
#[derive(Subcommand)]
#[command(name = "mens")]
pub enum OldAction {
    Ghost { #[arg(long)] x: bool },
}
