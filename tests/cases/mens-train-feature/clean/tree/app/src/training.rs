use engine::model::fit::{self, Options};

pub fn both(_: Options) {
    fit::fit();
    println!("{}", engine::presets());
}
