"""The kind ``spatial_selection``."""
