"""The kind ``mixed_table``."""
