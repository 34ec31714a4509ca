pub fn run() {
    motor::fit();
    let _ = motor::model::load();
}
