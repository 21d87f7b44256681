"""Calculus on the graph: adjoints of operations, reverse mode, the algebra that keeps what it makes tidy, and the way back to terms."""
