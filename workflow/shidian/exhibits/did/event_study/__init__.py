"""The kind ``event_study``."""
