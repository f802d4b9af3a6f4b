"""Difference-in-differences: two-way fixed effects, event studies, decompositions, robust staggered estimators."""
