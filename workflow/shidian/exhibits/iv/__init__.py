"""Exhibits of instrumental variables."""
