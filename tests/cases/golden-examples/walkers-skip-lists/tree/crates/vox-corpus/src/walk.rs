use std::path::Path;

fn walk_examples(dir: &Path) {
    for path in entries(dir) {
        if matches!(path.name(), "target" | ".git" | "node_modules") {
            continue;
        }
        if path.extension() == "vox" {
            take(path);
        }
    }
}

fn walk_kept(dir: &Path) {
    let left_out = ["target", ".git", "archive"];
    take_all(dir, "vox", &left_out);
}

fn walk_rust(dir: &Path) {
    // files of "vox" are another walker's
    take_all(dir, "rs", &["target", ".git"]);
}

fn is_hidden(name: &str) -> bool {
    name == "vox" || matches!(name, ".git" | ".idea")
}

#[cfg(test)]
mod tests {
    fn walk_vox() {
        take_all("vox", &["target", ".git"]);
    }
}
