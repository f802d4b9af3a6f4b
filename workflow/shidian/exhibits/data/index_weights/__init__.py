"""The kind ``index_weights``."""
