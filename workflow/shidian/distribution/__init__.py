"""How a variable is distributed over units, and how that changes: Gini by groups, spread, classes and their chains."""
