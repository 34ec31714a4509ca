bail!("{")
