"""The kind ``correlation``."""
