"""Estimators of the placebo test, one file each: ``ESTIMATOR`` and, where draws are fitted one by one, ``refit``."""
