use clap::Subcommand;

#[derive(Subcommand)]
pub enum Tail {
    /// Show what ran.
    #[command(alias = "state")]
    Status {
        #[arg(long, short = 'n')]
        limit: Option<usize>,
    },
}
