pub struct ExtractVoxConfig {
    pub root: std::path::PathBuf,
}

pub fn walk_and_extract_vox(config: &ExtractVoxConfig) -> usize {
    config.root.components().count()
}
pub mod walk;
