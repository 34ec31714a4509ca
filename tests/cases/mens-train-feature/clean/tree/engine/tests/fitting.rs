#![cfg(all(
    feature = "train", // the export needs it
    not(miri),
))]

#[test]
fn fits() {
    engine::fit();
}
