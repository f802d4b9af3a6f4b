"""The kind ``threshold``."""
