#[test]
fn fits() {
    engine::fit();
}
