pub enum SecretId {
    SecretMode,
    UnusedMode,
}
pub struct Spec {
    pub id: SecretId,
    pub canonical_env: &'static str,
}
pub const SPECS: &[Spec] = &[
    Spec { id: SecretId::SecretMode, canonical_env: "VOX_SECRET_MODE" },
    Spec { id: SecretId::UnusedMode, canonical_env: "VOX_UNUSED_MODE" },
];
