"""Exhibits: one module a kind, turning a panel and a declared specification into numbers, a table, a figure."""
