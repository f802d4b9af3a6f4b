"""docs/second_stage.md: its numbers are those of the worlds kept, and the recommended column fails aloud."""

import numpy as np
import pytest

from bench.second_stage import __main__ as command
from bench.second_stage import found
from bench.second_stage.page import page, verdicts
from bench.second_stage.remedies import RECOMMENDED
from bench.second_stage.worlds import CENTRAL, DESIGNS, STABLE


def lines(shift=0.0, se=0.003, spread=0.0, n=400):
    """Worlds whose errors have a standard deviation of 0.003; a remedy in the first forty of them."""
    rng = np.random.default_rng(1)
    out = []
    for design in DESIGNS:
        noise = rng.standard_normal(n)
        for seed, z in enumerate((noise - noise.mean()) / noise.std()):
            base = {"seed": seed, "design": design, "truth": 0.015, "spread": spread, "efficient": 0.07}
            value = [0.015 + shift + 0.003 * z, se, 0.02, 0.99]
            out.append(base | {"part": found.SCORES, "remedies": {RECOMMENDED: value}})
            if seed < 40:
                out.append(base | {"part": found.BOOTSTRAPS, "remedies": {"a bootstrap": [*value[:3], None]}})
    return [*out, {"seed": n, "design": STABLE, "part": found.SCORES, "refused": "no such world"}]


def test_an_unbiased_column_with_right_errors_holds():
    given = lines()
    assert verdicts(given) == []
    text = page(given)
    assert f"| {RECOMMENDED} | 400 | " in text
    assert "| a bootstrap | 40 | " in text
    assert "400 worlds; 1 seeds refused" in text
    assert text.count("holds.\n") == 2
    row = found.summary([line for line in given if line["design"] == STABLE and "remedies" in line]).loc[RECOMMENDED]
    assert row["bias"] == pytest.approx(0, abs=1e-15)
    assert row["Monte Carlo error"] == pytest.approx(0.003 / 399**0.5)
    assert row["coverage"] == row["apart"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"shift": 0.0004}, "bias 0.00040 is beyond 2"),
        ({"se": 0.0015}, "coverage 0.6"),
        ({"se": 0.006}, "coverage 1.000"),
    ],
)
def test_a_column_that_is_off_is_named(fault, said):
    given = lines(**fault)
    found_here = verdicts(given)
    assert len(found_here) == 2
    assert all(said in text and text.startswith((STABLE, CENTRAL)) for text in found_here)
    assert page(given).count("does NOT hold") == 2


def test_intervals_lose_what_the_spread_of_effects_adds():
    wide = (0.003**2 + 0.004**2) ** 0.5
    given = lines(se=wide, spread=0.004)
    (said,) = verdicts(given)
    assert said.startswith(STABLE)
    row = found.summary([line for line in given if line["design"] == CENTRAL and "remedies" in line]).loc[RECOMMENDED]
    assert row["coverage"] > 0.98
    assert 0.92 < row["apart"] < 0.98


def test_a_refused_world_is_replaced_and_a_known_one_is_not_measured_again(monkeypatch):
    def measure(seed, design, part):
        line = {"seed": seed, "design": design, "part": part}
        return line | ({"refused": "no such world"} if seed == 2 else {"remedies": {}})

    monkeypatch.setattr(command, "measure", measure)
    kept = [measure(1, STABLE, found.SCORES), measure(1, STABLE, found.BOOTSTRAPS)]
    new = list(command.missing(kept, STABLE, found.SCORES, 3))
    assert [line["seed"] for line in new] == [2, 3, 4]
    assert list(command.missing([*kept, *new], STABLE, found.SCORES, 3)) == []
