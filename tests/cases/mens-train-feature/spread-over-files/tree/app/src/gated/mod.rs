include!("part.rs");
mod deeper;
