"""Indicators: pure functions from columns of a panel to an indicator, one file an indicator, its declaration beside it.

To add one, write a file with ``METHOD`` (roles, options, formula, source, labels; see
``shidian.study.indicator_methods``), the function that a reader of the paper recognises, and
``compute(given: Inputs)``.
"""
