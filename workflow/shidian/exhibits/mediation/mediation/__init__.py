"""The kind ``mediation``."""
