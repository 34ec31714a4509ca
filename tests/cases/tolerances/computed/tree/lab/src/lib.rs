pub const BASE: f32 = 1e-5;
pub const WIDE: f32 = BASE * 100.0;
pub const STEPS: [f32; 2] = [1e-6, 1e-2];

pub struct Limits {
    pub near: f32,
    pub far: f32,
}

pub const LIMITS: Limits = Limits { near: BASE, far: 10.0 * BASE * 10.0 };

pub const fn wide() -> f32 {
    WIDE * 2.0
}
