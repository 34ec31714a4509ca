fn main() {
    println!("{}", { engine::fit(); 1 });
}
