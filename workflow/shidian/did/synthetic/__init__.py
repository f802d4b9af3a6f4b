"""Synthetic difference-in-differences and synthetic control of several cohorts (Arkhangelsky et al. 2021)."""
