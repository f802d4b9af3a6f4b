"""The kind ``map``."""
