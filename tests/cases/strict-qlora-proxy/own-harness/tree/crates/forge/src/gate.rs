use std::path::PathBuf;
use std::process::Command;

fn manifest() -> PathBuf {
    let first = PathBuf::from("ci/gates.yaml");
    if first.is_file() {
        first
    } else {
        PathBuf::from("old/gates.yaml")
    }
}

pub fn run(profile: &str) -> Result<(), String> {
    let _text = std::fs::read_to_string(manifest()).map_err(|error| error.to_string())?;
    let status = Command::new("cargo").arg(profile).status().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err("a step of the gate failed".to_string());
    }
    Ok(())
}
