"""Exhibits against what is known: the planted truth, or the printed numbers."""
