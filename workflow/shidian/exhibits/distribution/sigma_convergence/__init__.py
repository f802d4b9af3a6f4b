"""The kind ``sigma_convergence``."""
