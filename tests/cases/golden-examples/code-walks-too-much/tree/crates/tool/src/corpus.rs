#[derive(clap::Subcommand)]
pub enum CorpusAction {
    Extract {
        #[arg(long, default_value = "examples")]
        dir: std::path::PathBuf,
        #[arg(long, default_value = "examples/out.jsonl")]
        output: std::path::PathBuf,
    },
}

pub fn default_run() -> CorpusAction {
    CorpusAction::Extract {
        dir: "examples/golden".into(),
        output: std::path::PathBuf::from("examples/out.jsonl"),
    }
}
