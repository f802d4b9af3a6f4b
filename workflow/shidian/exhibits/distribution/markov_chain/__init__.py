"""The kind ``markov_chain``."""
