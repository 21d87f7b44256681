"""Random variables as declared: families of distributions as records, the model that the facts of a session make. Knows no solver."""
