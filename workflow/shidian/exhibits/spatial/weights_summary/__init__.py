"""The kind ``weights_summary``."""
