"""The kind ``twfe_weights``."""
