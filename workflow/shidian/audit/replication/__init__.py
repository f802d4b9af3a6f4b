"""A second program: data, Stata do-files and R scripts that re-estimate a study's regression tables."""
