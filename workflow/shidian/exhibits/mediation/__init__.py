"""Exhibits of mechanisms in two steps."""
