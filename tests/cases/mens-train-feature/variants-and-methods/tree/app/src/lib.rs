#![cfg(feature = "plain")]

use engine::{Backend, Run};

pub fn run() {
    let _ = [engine::Backend::Plain, engine::Backend::Deep];
    engine::Run::plain();
    engine::Run::trained();
    engine::Run::either();
}
