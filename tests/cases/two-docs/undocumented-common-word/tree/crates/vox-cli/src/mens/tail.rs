use clap::Subcommand;

#[derive(Subcommand)]
pub enum Tail {
    /// Show what ran.
    Status,
    /// Guess a continuation.
    Guess,
    /// Forget a run.
    Forget,
    /// Print the parts.
    Parts,
    /// Rehearse everything.
    Rehearsal,
}
