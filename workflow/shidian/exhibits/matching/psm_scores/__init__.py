"""The kind ``psm_scores``."""
