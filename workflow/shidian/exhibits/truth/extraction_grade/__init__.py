"""The kind ``extraction_grade``."""
