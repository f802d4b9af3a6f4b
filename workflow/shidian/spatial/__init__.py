"""Space: weights, tests of spatial dependence, spatial panel models by maximum likelihood, their effects."""
