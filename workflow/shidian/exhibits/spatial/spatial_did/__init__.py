"""The kind ``spatial_did``."""
