"""Drafting source files: what ``shidian inspect`` recognises in a workbook or a folder, and writes down as YAML."""
