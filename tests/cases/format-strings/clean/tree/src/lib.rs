use anyhow::{anyhow, bail, ensure, Context, Result};

const LIMIT: usize = 3;

pub fn load(path: &str, names: &[String]) -> Result<String> {
    ensure!(names.len() < LIMIT, "at most {LIMIT} names, not {}", names.len());
    if names.is_empty() {
        bail!("no names; write {{ \"names\": [..] }} into {path}");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let first = text.lines().next().ok_or_else(|| anyhow!("{path:?} is empty{:.*}", 2, 1.0))?;
    let width = 8;
    Err(anyhow!("{:>width$} {0:#?} {name}", first, name = names[0]))
}
