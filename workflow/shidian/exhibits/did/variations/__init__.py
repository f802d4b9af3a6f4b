"""The kind ``variations``."""
