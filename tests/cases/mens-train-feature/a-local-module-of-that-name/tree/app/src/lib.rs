#![cfg(feature = "plain")]

mod engine {
    pub fn fit() {}
}

pub fn local() {
    engine::fit();
}

pub mod other {
    pub fn foreign() {
        engine::fit();
    }
}
