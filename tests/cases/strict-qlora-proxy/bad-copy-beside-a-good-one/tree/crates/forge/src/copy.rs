#[test]
fn strict_refuses_a_missing_stone() {}
