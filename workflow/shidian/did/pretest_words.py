"""What a referee says of a joint test before adoption that is rejected."""

from __future__ import annotations

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
    printed = "p < 0.0001" if p < 5e-5 else f"p = {p:.4f}"
    return (
        f"the test that {what} are jointly zero is rejected ({statistic}, {printed}): treated and comparison units "
        f"moved apart before the policy, and the effects after it rest on trends that were not parallel",
    )
