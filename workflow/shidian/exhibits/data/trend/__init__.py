"""The kind ``score_trend``."""
