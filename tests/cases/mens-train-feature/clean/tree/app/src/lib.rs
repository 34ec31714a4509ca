//! The consumer.

#[cfg(feature = "gpu")]
mod training;

pub enum Action {
    Load,
    #[cfg(feature = "gpu")]
    Fit,
}

#[cfg(feature = "plain")]
pub fn run(action: Action) {
    match action {
        Action::Load => drop(engine::model::load()),
        #[cfg(feature = "gpu")]
        Action::Fit => engine::fit(),
    }
}
