"""The kind ``dagum_gini``."""
