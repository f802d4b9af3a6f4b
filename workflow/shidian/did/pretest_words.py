"""What a referee says of a joint test before adoption that is rejected."""

from __future__ import annotations

from shidian.messages import say
from shidian.printed import p_words

LEVEL = 0.05
"""Level at which a test before adoption counts as rejected."""


def rejected(what: str, statistic: str, p: float) -> tuple[str, ...]:
    """Return the objection to effects whose joint test before adoption is rejected, none where it is not.

    Args:
        what: what the test says is zero ("all group-time effects before adoption").
        statistic: the statistic as printed ("F(3, 49) = 5.20").
        p: its p-value; missing where there is no test.
    """
    if not p < LEVEL:
        return ()
    return (
        say(
            "the test that {what} are jointly zero is rejected ({statistic}, {p}): treated and comparison units moved "
            "apart before the policy, and the effects after it rest on trends that were not parallel",
            what=what,
            statistic=statistic,
            p=p_words(p),
        ),
    )
