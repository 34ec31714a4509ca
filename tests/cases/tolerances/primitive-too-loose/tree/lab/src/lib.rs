pub const WIDE: f32 = 1e-2;
