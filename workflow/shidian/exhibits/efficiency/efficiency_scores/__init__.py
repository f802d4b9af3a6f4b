"""The kind ``efficiency_scores``."""
