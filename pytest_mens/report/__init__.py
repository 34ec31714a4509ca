"""How verdicts are shown: cleaned text, terminal blocks, SARIF."""
