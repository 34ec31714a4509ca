pub mod spec;
pub fn resolve(_id: spec::SecretId) {}
pub fn use_it() {
    resolve(spec::SecretId::SecretMode);
}
