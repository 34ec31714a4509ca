fn main() {
    let _ = "engine::fit";
}
