pub fn same(a: f32, b: f32, within: f32) {
    assert!((a - b).abs() < within, "{a} {b}");
}

pub fn fixed(a: f32, b: f32) {
    let apart = (a - b).abs();
    assert!(apart < 0.25);
}
