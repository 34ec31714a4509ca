"""One module per checker: the rule, and nothing else. Modules import neither pytest nor each other."""
