pub mod spec;
pub fn resolve(_id: spec::SecretId) -> Option<u8> {
    None
}
fn warn(_name: &str, _value: u8) {}
pub fn use_it() {
    resolve(spec::SecretId::SecretMode);
    resolve(spec::SecretId::VoxForgottenMode);
    if let Some(value) = resolve(spec::SecretId::VoxAnnouncedMode) {
        warn("VOX_ANNOUNCED_MODE", value);
    }
}
