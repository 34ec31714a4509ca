//! A macro under another name is still the macro; a macro of one's own by that name elsewhere is not.

use anyhow::{
    bail as stop,
    ensure as  require,
    Result,
};

pub fn open(path: &str) -> Result<()> {
    require!(!path.is_empty(), "a path is needed: {}");
    require!(path.len() < 99, "{} is long", path);
    if path == "{" {
        stop!("no file is called { here");
    }
    note!("no file is called { here");
    stop!("{path} is closed")
}
