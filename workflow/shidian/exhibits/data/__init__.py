"""Exhibits on the data themselves: descriptives, correlation, timing of the policy, weights of an index, checks."""
