#[test]
fn scalar() { assert!((1.0f32 - 1.0).abs() < 0.5); }
