const CLOSE: f32 = 1e-5;
