"""Exhibits of matching before the differences: scores, balance, the matched regression."""
