"""The kind ``score_density``."""
