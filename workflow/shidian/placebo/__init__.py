"""Placebo tests: the policy given to units or years that did not have it, many times, each draw exactly estimated."""
