use std::path::{Path, PathBuf};

use crate::ExtractVoxConfig;

pub fn all(root: &Path) -> ExtractVoxConfig {
    let examples = root.join("examples");
    ExtractVoxConfig { root: examples }
}

pub fn golden(root: &Path) -> ExtractVoxConfig {
    let examples = root.join("examples");
    let dir = examples.join("golden");
    ExtractVoxConfig { root: dir }
}

pub fn archived() -> usize {
    walk_dir(&PathBuf::from("examples").join("archive"))
}

pub fn on_purpose() -> usize {
    // opts in: the old syntax on purpose
    walk_dir(&PathBuf::from("examples/archive"))
}

pub fn looks_only() -> bool {
    Path::new("examples").is_dir()
}

fn walk_dir(dir: &Path) -> usize {
    dir.components().count()
}

#[cfg(test)]
mod tests {
    #[test]
    fn walks() {
        super::walk_dir(std::path::Path::new("examples"));
    }
}
