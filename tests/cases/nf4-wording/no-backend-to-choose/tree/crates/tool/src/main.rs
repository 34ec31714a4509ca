fn main() {
    println!("Burn NF4");
}
