"""Models of a mean that is not linear: Poisson (PPML), logit and probit, with any number of fixed effects."""
