"""The kind ``did_table``."""
