pub fn run() {
    engine::fit();
}

#[cfg(test)]
mod tests {
    #[test]
    fn fits() {
        engine::fit();
    }
}
