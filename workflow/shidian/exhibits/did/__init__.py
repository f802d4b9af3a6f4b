"""Exhibits of difference-in-differences: tables, event study, robust staggered estimators, their diagnostics."""
