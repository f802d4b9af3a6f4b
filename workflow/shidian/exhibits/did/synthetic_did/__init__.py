"""The kind ``synthetic_did``."""
