#![cfg(feature = "quant")]

#[test]
#[ignore = "slow"]
fn both_mills_agree() {
    assert_eq!(2 * 3, 6);
}
