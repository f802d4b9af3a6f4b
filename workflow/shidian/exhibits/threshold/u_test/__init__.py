"""The kind ``u_test``."""
