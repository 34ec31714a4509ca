#![cfg(feature = "quant")]

#[test]
fn both_mills_agree() {
    assert_eq!(2 * 3, 6);
}
