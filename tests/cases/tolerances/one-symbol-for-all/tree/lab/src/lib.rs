pub const EPS: f32 = 1e-5;
