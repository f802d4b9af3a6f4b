"""The kind ``epsilon_sensitivity``."""
