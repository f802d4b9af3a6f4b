"""The kind ``weights_choice``."""
