use clap::Subcommand;

#[derive(Subcommand)]
pub enum Tail {
    /// Show what ran.
    Status {
        #[arg(long, short = 'n')]
        limit: Option<usize>,
    },
}
