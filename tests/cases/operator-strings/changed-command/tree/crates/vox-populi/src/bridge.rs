/// What the merge command says to a file of the old kind.
pub const MERGE_QLORA_REJECTS_BURN_BIN: &str = "This is an old checkpoint; convert it \
    with `vox mens train` first.\n\
    See docs/src/merging.md.";
