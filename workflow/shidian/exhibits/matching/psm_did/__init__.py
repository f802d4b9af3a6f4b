"""The kind ``psm_did``."""
