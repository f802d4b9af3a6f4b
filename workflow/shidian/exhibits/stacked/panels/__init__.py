"""The kind ``comparison``."""
