"""Printed tables: CSV, LaTeX, Word and Excel from the same ``Table``, cell by cell as printed."""
