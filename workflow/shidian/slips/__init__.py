"""Slips of whole volumes: what a column, a province or a block of rows cannot be, given the volumes beside it."""
