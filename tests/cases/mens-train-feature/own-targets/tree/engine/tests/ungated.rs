#[test]
fn fits() {
    assert_eq!(engine::presets(), 3);
    engine::fit();
}
