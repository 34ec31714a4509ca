pub enum SecretId {
    SecretMode,
    VoxForgottenMode,
    VoxAnnouncedMode,
}
pub struct Spec {
    pub id: SecretId,
    pub canonical_env: &'static str,
}
pub const SPECS: &[Spec] = &[
    Spec { id: SecretId::SecretMode, canonical_env: "VOX_SECRET_MODE" },
];
