"""Propensity-score matching: logit, nearest neighbours, balance, and the sample for the DID that follows."""
