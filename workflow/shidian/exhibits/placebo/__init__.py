"""The exhibit of placebo draws."""
