"""Expressions: the tree that says what was written (`term`), its printers, and the way to SymPy and back."""
