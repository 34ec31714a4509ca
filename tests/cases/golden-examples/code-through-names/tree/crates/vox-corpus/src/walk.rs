use std::path::{Path, PathBuf};

const ARCHIVE: &str = "examples/archive";
const GOLDEN: &str = "examples/golden";

pub fn from_a_constant(root: &Path) {
    walk_examples(&root.join(ARCHIVE));
    walk_examples(&root.join(GOLDEN));
}

pub fn from_a_loop(root: &Path) {
    for folder in ["examples/golden", "examples/broken"] {
        walk_examples(&root.join(folder));
    }
}

pub fn from_a_format(root: &str) {
    walk_examples(&PathBuf::from(format!("{root}/examples")));
    walk_examples(&PathBuf::from(format!("{root}/examples/golden")));
}

pub fn only_named() {
    for folder in ["examples/golden", "examples/archive"] {
        println!("{folder}");
    }
}

fn walk_examples(_dir: &Path) {}
