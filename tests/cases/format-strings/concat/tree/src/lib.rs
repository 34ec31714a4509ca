use anyhow::{anyhow, bail, Context};

pub fn wrong(path: &str) -> anyhow::Result<()> {
    std::fs::read(path).context(concat!("cannot read ", "{path}"))?;
    std::fs::read(path).with_context(|| concat!("expected ", "{{ }}"))?;
    if path.is_empty() {
        return Err(anyhow!(std::concat!("no path: ", "{}")));
    }
    bail!(concat!(
        "unfinished: ",
        "{"
    ))
}

pub fn right(path: &str) -> anyhow::Result<()> {
    std::fs::read(path).context(concat!("GET /files/", "{id}"))?;
    if path.is_empty() {
        bail!(concat!("a brace in two parts {", "} is one placeholder"), path);
    }
    bail!(concat!("line ", line!(), ": {"), path)
}
