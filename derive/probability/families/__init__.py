"""The families themselves, a file for each kind of support. `derive.probability.catalogue` finds them by name."""
