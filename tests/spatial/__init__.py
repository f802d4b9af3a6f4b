"""Tests of the spatial package."""
