"""The kind ``coverage``."""
