"""The kind ``honest_did``."""
