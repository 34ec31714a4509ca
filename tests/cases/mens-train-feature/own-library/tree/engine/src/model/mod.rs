//! Models.

#[cfg(feature = "train")]
pub mod fit;

pub struct Model;

pub fn load() -> Model {
    Model
}

pub fn direct() {
    crate::model::fit::fit();
    self::fit::fit();
    fit::fit();
    crate::fit();
}

#[cfg(feature = "train")]
pub fn gated() {
    super::fit();
}

#[cfg(test)]
mod tests {
    use super::fit::Options;

    #[test]
    fn builds() {
        let _ = super::load();
    }
}
