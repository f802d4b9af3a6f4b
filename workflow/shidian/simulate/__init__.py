"""Simulated yearbooks with a planted truth."""
