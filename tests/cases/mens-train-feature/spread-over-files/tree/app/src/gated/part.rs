pub fn part() {
    engine::fit();
}
