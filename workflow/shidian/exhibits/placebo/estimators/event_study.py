"""The event-study regression under each draw, all draws at once (``shidian.placebo.event_study``)."""

from __future__ import annotations

from shidian.messages import say

ESTIMATOR = {
    "words": say("event-study regression"),
    "about": "all event times of `window`, exact, all draws at once",
    "batched": True,
    "weights": True,
    "individuals": True,
}
