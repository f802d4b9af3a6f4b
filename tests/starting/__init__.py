"""Tests of studies started from one file."""
