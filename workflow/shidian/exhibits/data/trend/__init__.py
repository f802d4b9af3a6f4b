"""The kind ``trend``."""
