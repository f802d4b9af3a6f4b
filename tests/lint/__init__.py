"""Tests of objections to a design."""
