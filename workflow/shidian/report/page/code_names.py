"""What a code of the estimates is called: tests and quantiles that programs know by a short name."""

from __future__ import annotations

from shidian.messages import say

CODES = {
    "_cons": say("Constant"),
    "anderson_lm": say("Anderson canonical correlation LM [p]"), "kp_rk_lm": say("Kleibergen–Paap rk LM [p]"),
    "cd_f": say("Cragg–Donald Wald F"), "kp_rk_f": say("Kleibergen–Paap rk Wald F"),
    "stock_yogo_10": say("Stock–Yogo 10% maximal size"), "stock_yogo_15": say("Stock–Yogo 15% maximal size"),
    "stock_yogo_20": say("Stock–Yogo 20% maximal size"), "stock_yogo_25": say("Stock–Yogo 25% maximal size"),
    "stock_yogo_bias_5": say("Stock–Yogo 5% maximal relative bias"),
    "stock_yogo_bias_10": say("Stock–Yogo 10% maximal relative bias"),
    "stock_yogo_bias_20": say("Stock–Yogo 20% maximal relative bias"),
    "stock_yogo_bias_30": say("Stock–Yogo 30% maximal relative bias"),
    "sargan": say("Sargan [p]"), "overid": say("Hansen J [p]"), "wu_hausman": say("Wu–Hausman F [p]"),
    "ar_f": say("Anderson–Rubin F [p]"), "ar_set": say("Anderson–Rubin 95% set"),
    "beta": say("Coefficient"), "sigma_ratio": say("σ / |coefficient|"), "sigma_n1": say("σ with N − 1"),
    "sigma": say("σ: effects' SD that allows an average effect of zero"),
    "sigma_all": say("Effects' SD that allows all effects of the other sign"),
    "n_positive": say("Cells with positive weight"), "n_negative": say("Cells with negative weight"),
    "sum_positive": say("Sum of positive weights"), "sum_negative": say("Sum of negative weights"),
    "observed": say("Observed estimate"), "sd": say("Standard deviation"), "skewness": say("Skewness"),
    "p_two_sided": say("Randomisation p, two-sided"), "p_left": say("Randomisation p, left tail"),
    "p_right": say("Randomisation p, right tail"), "log_likelihood": say("Log-likelihood"),
    "indirect effect": say("Indirect effect δθ"), "sobel z": say("Sobel z [p]"),
    "bootstrap interval": say("95% bootstrap interval of δθ"), "share": say("Contribution δθ/(δθ + φ)"),
    "p of U": say("P of U"), "p of inverse U": say("P of inverse U"),
    "slope at lower end": say("Slope at lower end"), "slope at upper end": say("Slope at upper end"),
    "turning point": say("Turning point"),
    "first n": say("First group, N"), "first mean": say("First group, mean"), "first sd": say("First group, SD"),
    "second n": say("Second group, N"), "second mean": say("Second group, mean"),
    "second sd": say("Second group, SD"), "difference": say("Difference"),
    "normalised": say("Normalised difference"),
}  # fmt: skip
"""Term or column of the long schema -> what a reader calls it, as the tables that print it do."""


def named(text: str) -> str:
    """Return what a term or column is called; any other text as it is."""
    return CODES.get(text, text)
