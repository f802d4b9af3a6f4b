"""The kind ``ddd``."""
