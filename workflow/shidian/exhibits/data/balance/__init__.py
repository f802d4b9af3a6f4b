"""The kind ``balance``."""
