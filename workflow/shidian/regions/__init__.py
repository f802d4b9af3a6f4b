"""Provinces, cities and counties through their renames, new codes, mergers and dissolutions."""
