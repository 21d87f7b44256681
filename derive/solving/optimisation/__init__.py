"""Optima: stationary points, Lagrange multipliers, the conditions of Karush, Kuhn and Tucker, closed forms over arrays.

One file a kind of problem; `programmes` says what a line asks, the solvers leave steps that `checking` compares with feasible points.
"""
