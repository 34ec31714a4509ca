use crate::scaled;

#[test]
fn scales() {
    assert_eq!(scaled(1.0), 2.0);
}
