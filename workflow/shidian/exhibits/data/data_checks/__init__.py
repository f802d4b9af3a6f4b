"""The kind ``data_checks``."""
