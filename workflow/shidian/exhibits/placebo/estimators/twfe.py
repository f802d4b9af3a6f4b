"""The regression under each draw, all draws at once (``shidian.placebo.engine``)."""

from __future__ import annotations

from shidian.messages import say

ESTIMATOR = {
    "words": say("difference-in-differences regression"),
    "about": "the regression, exact, all draws at once",
    "batched": True,
    "weights": True,
    "individuals": True,
}
