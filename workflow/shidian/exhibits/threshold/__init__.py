"""Exhibits of non-linear relations: panel threshold and U-shape test."""
