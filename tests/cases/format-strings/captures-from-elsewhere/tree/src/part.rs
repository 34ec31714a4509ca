pub fn included() -> Result<()> {
    bail!("{SHARED} {shared}")
}
