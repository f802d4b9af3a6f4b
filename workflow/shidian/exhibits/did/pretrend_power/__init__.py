"""The kind ``pretrend_power``."""
