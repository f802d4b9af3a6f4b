"""The kind ``placebo``."""
