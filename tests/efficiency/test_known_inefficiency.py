"""On a known technology scores recover the ranking of the planted inefficiency; they are too high, less so with n."""

import numpy as np
import pytest
from scipy import stats
from shidian.efficiency import build_technology, super_sbm

from bench.efficiency_bias import sample, true_scores


def found(n, kinds, seed):
    """Return estimated scores, true scores and planted inefficiency of one sample."""
    data, planted = sample(n, kinds, np.random.default_rng(seed))
    technology = build_technology(data[:, :2], data[:, 2:3], data[:, 3:])
    scores = super_sbm(data[:, :2], data[:, 2:3], data[:, 3:], super_efficiency=False).score
    return scores, true_scores(data, technology.weights), planted


@pytest.mark.parametrize(("kinds", "least"), [(1, 0.97), (3, 0.80)])
def test_scores_recover_the_ranking_of_the_planted_inefficiency(kinds, least):
    scores, true, planted = found(280, kinds, 1)
    assert stats.spearmanr(scores, true).statistic > 0.94
    assert -stats.spearmanr(scores, planted).statistic > least


@pytest.mark.parametrize("kinds", [1, 3])
def test_scores_are_never_below_the_true_ones_and_come_nearer_with_n(kinds):
    bias = []
    for n in (60, 560):
        scores, true, _ = found(n, kinds, 2)
        assert (scores >= true - 1e-9).all()
        bias.append(np.mean(scores - true))
    assert 0 < bias[1] < bias[0]
