#[test]
fn flows() {}
