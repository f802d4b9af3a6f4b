"""The kind ``heterogeneity``."""
