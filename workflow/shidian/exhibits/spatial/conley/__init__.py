"""The kind ``conley``."""
