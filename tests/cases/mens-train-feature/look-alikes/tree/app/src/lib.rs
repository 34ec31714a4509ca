//! See [`engine::fit`] and [`engine::model::fit::Options`].
#![cfg(feature = "plain")]

/// Calls engine::fit() one day.
#[doc = "engine::fit"]
pub fn documented() -> &'static str {
    // engine::fit();
    /* engine::model::fit::fit(); */
    let _ = engine::model::load();
    "engine::fit()"
}

mod engine_like {
    pub mod engine {
        pub fn fit() {}
    }

    pub fn local() {
        self::engine::fit();
    }
}

pub fn other(model: Option<u8>) -> Option<u8> {
    let fit = model;
    fit
}

cfg_if::cfg_if! {
    if #[cfg(feature = "gpu")] {
        pub use engine::model::fit;
    }
}

macro_rules! fitted {
    ($model:expr) => {
        #[cfg(feature = "gpu")]
        engine::fit($model);
    };
}
