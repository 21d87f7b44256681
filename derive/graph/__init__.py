"""The graph: shaped operations over shared nodes, one table that says what each is, and the reference value of everything."""
