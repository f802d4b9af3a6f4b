"""The kind ``staggered_did``."""
