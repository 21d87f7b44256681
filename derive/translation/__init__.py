"""Translation: graph → NumPy source that is stable, vectorised, named, documented, run and compared before it is shown."""
