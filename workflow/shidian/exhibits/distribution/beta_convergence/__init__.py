"""The kind ``beta_convergence``."""
