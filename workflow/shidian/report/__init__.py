"""Rendering: exhibit results become CSV, LaTeX, Word, Excel, PNG, PDF and HTML. Nothing here estimates."""
