"""Rules that make a graph safe to compute in floating point, one small value each; `derive.translation.stabilise` applies them."""
