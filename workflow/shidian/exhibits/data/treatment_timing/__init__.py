"""The kind ``treatment_timing``."""
