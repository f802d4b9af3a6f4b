"""The kind ``iv_table``."""
