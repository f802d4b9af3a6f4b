"""Which values a study's panel has, by variable, unit and period, and what was lost on the way."""
