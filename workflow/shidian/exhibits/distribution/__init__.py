"""Kinds on the distribution of a variable over units and its change."""
