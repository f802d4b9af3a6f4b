"""The kind ``second_stage``."""
