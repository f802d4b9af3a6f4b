"""The kind ``descriptives``."""
