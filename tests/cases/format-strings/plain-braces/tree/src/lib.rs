use anyhow::{Context, Error, Result};

pub fn doubled(text: &str) -> Result<u8> {
    text.parse().context("params must be {{ \"n\": 1 }}")
}

pub fn closure(text: &str) -> Result<u8> {
    text.parse().with_context(|| "read {text}")
}

pub fn block(text: &str) -> Result<u8> {
    let size = text.len();
    text.parse().with_context(|| {
        log(size);
        String::from("of {size} bytes")
    })
}

pub fn owned(text: Option<u8>) -> std::result::Result<u8, String> {
    let id = 7;
    text.ok_or_else(|| "no {id}".to_string())
}

pub fn message(code: u8) -> Error {
    Error::msg("failed with {code:?}")
}

fn log(_: usize) {}

pub fn chosen(text: &str, long: bool) -> Result<u8> {
    text.parse().with_context(|| if long { "write {{ .. }}" } else { "write it" })
}

pub fn matched(text: &str, long: bool) -> Result<u8> {
    text.parse().with_context(|| match long {
        true => format!("write {{ {text} }}"),
        false => {
            let _unused = "{{";
            "no }} here".to_string()
        }
    })
}
