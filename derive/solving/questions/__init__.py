"""Questions with yes or no: convexity, definiteness, and what a matrix or some vectors are. Each answer rests on steps that are checked."""
