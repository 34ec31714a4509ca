use clap::Subcommand;

#[derive(Subcommand)]
pub enum Tail {
    /// Merge an adapter, moved.
    #[command(name = "merge", visible_alias = "join")]
    MergeAdapter { adapter: String },
    /// Show what ran.
    Status {
        #[arg(long, short = 'n')]
        limit: Option<usize>,
    },
}
