use std::path::Path;
use std::process;
use vox_populi::MERGE_QLORA_REJECTS_BURN_BIN;

pub fn run_merge_qlora(adapter: &Path, output: &Path) -> anyhow::Result<()> {
    let extension = adapter.extension().and_then(|e| e.to_str()).unwrap_or("");
    if extension == "bin" {
        eprintln!("{}: {MERGE_QLORA_REJECTS_BURN_BIN}", adapter.display());
        process::exit(2);
    }
    assert!(extension != "bin", "{}", MERGE_QLORA_REJECTS_BURN_BIN);
    assert!(extension != "bin");
    if extension == "bin" {
        eprintln!("an old file, which takes longer");
    }
    if extension == "bin" {
        println!("nothing to merge in an old file");
        process::exit(0);
    }
    if extension == "bin" {
        return refuse();
    }
    if extension == "bin" {
        return convert(adapter);
    }
    if output.join("bin").is_dir() {
        anyhow::bail!("the output holds programs");
    }
    if extension != "bin" {
        return merge_into_base(adapter, output);
    }
    eprintln!("{MERGE_QLORA_REJECTS_BURN_BIN}");
    process::exit(3)
}

pub fn run_merge_weights(checkpoint: &Path) -> anyhow::Result<()> {
    let extension = checkpoint.extension().and_then(|e| e.to_str()).unwrap_or("");
    anyhow::ensure!(extension == "bin", "merge-weights wants an old checkpoint");
    assert!(extension == "bin", "merge-weights wants an old checkpoint");
    merge_dense(checkpoint)
}

fn refuse() -> anyhow::Result<()> {
    anyhow::bail!(MERGE_QLORA_REJECTS_BURN_BIN)
}

fn convert(adapter: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(adapter.is_file(), "{} is not there", adapter.display());
    merge_dense(adapter)
}

fn merge_into_base(_: &Path, _: &Path) -> anyhow::Result<()> {
    Ok(())
}

fn merge_dense(_: &Path) -> anyhow::Result<()> {
    Ok(())
}
