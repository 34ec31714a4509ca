use anyhow::{anyhow, bail, Context, Result};

/// `bail!("{")` in a comment: bail!("{ x }")
pub fn template(handle: &Handle) -> Result<u8> {
    let raw = handle.get().context("GET /pods/{id} {0} { .. }")?;
    raw.parse().map_err(|id: std::num::ParseIntError| anyhow!("{id}"))
}

pub fn escaped(name: &str) -> Result<()> {
    // bail!("{ not code }");
    let _json = serde_json::json!({"a": {"b": 1}});
    let _template = r#"{"open": [}"#;
    std::fs::read(name).expect("a { } and {{ }}");
    bail!("the text {{name}} stays, as in match {{")
}

pub fn after(text: &str) -> Result<u8> {
    let parsed = text.parse::<u8>().context("read {later}");
    let later = 3;
    let _ = later;
    parsed
}

pub fn computed(text: &str) -> Result<u8> {
    text.parse().with_context(|| {
        let at = text.len();
        format!("at {at}")
    })
}
