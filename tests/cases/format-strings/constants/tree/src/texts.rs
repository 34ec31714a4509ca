pub const NEEDS_MODEL: &str = "pass the model \
    {model} first";
pub const BRACED: &str = concat!("write {", "{ .. }");
pub const SOUND: &str = concat!("write { ", "{ .. }");
