"""Declared measures on the panel: indicators by name, efficiency scores by model."""
