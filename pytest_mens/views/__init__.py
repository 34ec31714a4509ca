"""What the files of a target mean: syntax, workspace, commands, prose. Each view is built lazily, at most once."""
