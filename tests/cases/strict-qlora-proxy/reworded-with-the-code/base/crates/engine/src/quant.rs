//! Grinds finely.

pub struct Options {
    pub require_all: bool,
}

pub fn preflight(options: &Options) -> Result<(), String> {
    if options.require_all {
        return Err("a stone is missing".to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_refuses_a_missing_stone() {
        let options = Options { require_all: true };
        let error = preflight(&options).unwrap_err();
        assert!(error.contains("stone") || error.contains("missing"));
    }
}
