"""The kind ``vif``."""
