pub fn run() {
    engine::fit();
}
