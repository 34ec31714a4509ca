//! Prompts that name server.ts in a comment only.

pub const SYSTEM: &str = "Vox emits Axum handlers.\n\nServe them with npx tsx server.ts.";

#[cfg(test)]
mod tests {
    const SAMPLE: &str = "npx tsx server.ts";
}
