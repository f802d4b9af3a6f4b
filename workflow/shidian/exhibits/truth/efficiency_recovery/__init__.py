"""The kind ``efficiency_recovery``."""
