"""The kind ``score_intervals``."""
