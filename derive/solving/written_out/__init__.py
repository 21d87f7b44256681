"""Linear algebra of matrices whose entries are written out, in numbers or in symbols: one file a kind of question."""
