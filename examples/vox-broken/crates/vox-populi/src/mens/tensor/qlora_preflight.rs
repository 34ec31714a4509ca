//! What must hold before a QLoRA run starts.

use anyhow::{ensure, Result};

use super::execution_planner::RunRequest;

/// The projections that a full proxy stack holds for every layer.
pub const MIDDLE_KEYS: &[&str] = &["q_proj", "k_proj", "v_proj", "o_proj"];

/// Fails in strict mode when a layer lacks a projection.
pub fn preflight(request: &RunRequest) -> Result<()> {
    if !request.qlora_require_full_proxy_stack {
        return Ok(());
    }
    for key in MIDDLE_KEYS {
        let present = request.layer_keys.iter().any(|layer| layer.ends_with(key));
        ensure!(present, "strict mode: no layer key ends with {key}; keys are {{layer}}.{{projection}}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("layers.0.{name}")).collect()
    }

    #[test]
    fn preflight_strict_rejects_missing_o_proj() {
        let request = RunRequest {
            qlora_require_full_proxy_stack: true,
            layer_keys: keys(&["q_proj", "k_proj", "v_proj"]),
            ..RunRequest::default()
        };
        let _ = preflight(&request);
    }

    #[test]
    fn preflight_accepts_a_full_stack() {
        let request = RunRequest {
            qlora_require_full_proxy_stack: true,
            layer_keys: keys(MIDDLE_KEYS),
            ..RunRequest::default()
        };
        assert!(preflight(&request).is_ok());
    }
}
