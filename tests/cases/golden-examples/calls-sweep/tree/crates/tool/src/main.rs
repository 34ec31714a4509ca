fn main() {
    eprintln!(
        "no data: run vox mens corpus extract examples/ -o out.jsonl && \
         vox mens corpus pairs out.jsonl"
    );
    eprintln!("corpus extract examples failed");
    eprintln!("try vox mens corpus extract .");
}
