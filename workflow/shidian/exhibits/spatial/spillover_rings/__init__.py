"""The kind ``spillover_rings``."""
