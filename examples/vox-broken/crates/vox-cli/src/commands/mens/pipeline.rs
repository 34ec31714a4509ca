//! `vox mens pipeline`: from examples to training rows.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What a step of the pipeline does.
pub enum CorpusAction {
    /// Read every `.vox` file below a folder.
    Extract { dir: PathBuf },
}

/// Collects the golden examples.
pub fn run() -> Result<()> {
    let action = CorpusAction::Extract { dir: PathBuf::from("examples/golden") };
    let CorpusAction::Extract { dir } = action;
    println!("{} files", walk_vox_files(&dir)?);
    println!("express server: {}", std::env::var("VOX_EMIT_EXPRESS_SERVER").is_ok());
    Ok(())
}

fn walk_vox_files(dir: &Path) -> Result<usize> {
    Ok(std::fs::read_dir(dir).context("read {{dir}}")?.count())
}
