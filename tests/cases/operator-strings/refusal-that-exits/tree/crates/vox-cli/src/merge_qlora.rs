use std::path::Path;
use std::process;

pub fn run_merge_qlora(adapter: &Path, output: &Path) -> anyhow::Result<()> {
    if adapter.extension().is_some_and(|e| e == "bin") {
        eprintln!("old files are not merged");
        process::exit(2);
    }
    let extension = adapter.extension().and_then(|e| e.to_str()).unwrap_or("");
    let fits = extension != "bin";
    if !fits {
        panic!("old files cannot be read");
    }
    assert!(extension != "bin", "old files stay as they are");
    if extension == "bin" {
        std::process::abort();
    }
    if extension == "bin" {
        return refuse(adapter);
    }
    merge_into_base(adapter, output)
}

pub fn main_of_merge_qlora(adapter: &Path) -> process::ExitCode {
    match adapter.extension() {
        Some(e) if e == "bin" => {
            eprintln!("not this file");
            process::ExitCode::FAILURE
        }
        _ => process::ExitCode::SUCCESS,
    }
}

fn refuse(adapter: &Path) -> anyhow::Result<()> {
    Err(anyhow::anyhow!("{} is old", adapter.display()))
}

fn merge_into_base(_: &Path, _: &Path) -> anyhow::Result<()> {
    Ok(())
}
