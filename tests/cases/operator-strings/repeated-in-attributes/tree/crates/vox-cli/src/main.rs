mod errors;
mod merge_qlora;

#[derive(clap::Parser)]
#[command(name = "vox")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    #[command(subcommand)]
    Mens(Mens),
}

#[derive(clap::Subcommand)]
enum Mens {
    MergeQlora { adapter: std::path::PathBuf },
    MergeWeights { checkpoint: std::path::PathBuf },
    Train,
}

fn main() {
    let _ = <Cli as clap::Parser>::parse();
}
