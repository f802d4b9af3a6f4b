"""The kind ``moran``."""
