"""The kind ``goodman_bacon``."""
