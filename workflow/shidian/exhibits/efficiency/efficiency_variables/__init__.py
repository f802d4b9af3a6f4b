"""The kind ``efficiency_variables``."""
