"""What a policy's effect on efficiency scores recovers of its effect on true efficiency, by the remedy for their bias.

``make second-stage`` measures the cities of 500 simulated worlds of each design (``green_innovation_cities``: 280
cities, 15 years), keeps a line a world in results/second_stage.jsonl, so that a run that was stopped goes on, and
writes docs/second_stage.md. A world takes about six seconds of one core.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from shidian.did.twfe import Regression, regress
from shidian.efficiency import bootstrap, build_technology
from shidian.efficiency.engines import Model, solve_model
from shidian.efficiency.pseudo_samples import Regressed
from shidian.efficiency.technology import Technology
from shidian.errors import SimulationError
from shidian.exhibits.efficiency.second_stage.estimate import pool_regressions
from shidian.simulate.cities import simulate_cities
from shidian.simulate.pseudo_true import baseline_estimator

from tests.monte_carlo.panels import BY_UNIT
from tests.monte_carlo.studies import truths
from tests.monte_carlo.study_scores import BAD, GOOD, INPUTS, STUDY, scored_panel

OPENING = """# A second stage on efficiency scores: what the remedies do

`make second-stage` writes this page. Each world is one of the simulator's `green_innovation_cities` (280 cities, 2007
to 2021; three inputs, three desirable outputs and one undesirable, with errors of measurement; non-oriented SBM,
constant returns, a frontier a year). The policy moves true efficiency, which is the score against the true technology
(`shidian.simulate.city_technology`), so that the effect on both is one number: the baseline regression on true
efficiency without disturbances. The same regression, with controls, effects of cities and years and errors clustered by
city, is run on

- *true efficiency*: what no study has, to tell the scores' part in what follows from the rest;
- *Super-SBM scores*, and *scores of at most 1*: no remedy;
- *smoothed bootstrap* (Simar and Wilson 1998; {b} replications): scores *corrected* for bias, and the regressions on
  the plausible scores of all replications *pooled* by Rubin's rules; inefficiency is drawn from all cities alike;
- *conditional bootstrap*: the same, inefficiency drawn around the regression itself, as Algorithm 2 of Simar and Wilson
  (2007), by least squares with effects in the place of a truncated regression;
- *split samples* (Kneip, Simar and Wilson 2016; {splits} random halves a year), *subsampling* (Simar and Wilson 2011;
  {draws} draws of {peers} cities a year): corrected by the rate n^(2/7) of seven variables;
- *order-m* scores (against {peers} cities, mean of {draws} draws) and *order-alpha* ones (5%, single peers).

*bias*: mean estimate minus the truth of its world, and its *Monte Carlo error*; *sd* of that difference and mean
standard error; *coverage* of 95% intervals (one minus it is the size of the test that the effect is what it is); *bias
of scores*: scores minus true efficiency, and Spearman's *rank* correlation with it.
"""
READING = """## What to take from it

- Scores keep the order of true efficiency. Where the best cities stay as near to the true frontier as they were, the
  effect on scores as they are is within two Monte Carlo errors of the truth: the scores' bias is much the same in all
  years, and leaves with the effects.
- Where efficiency rises towards the frontier, the best cities span it better from year to year, and scores come down
  to the truth: those of good cities by more points than those of others, and with them the effect of policies that good
  cities get, too small by a quarter. No column here repairs it.
- The smoothed bootstrap draws inefficiency as if it had nothing to do with city and policy, and takes part of the
  effect for bias: it is wrong in all designs. It stays as `bootstrap: smoothed`, and is not recommended here.
- The conditional bootstrap, which `kind: second_stage` runs unless told otherwise, gives levels near to the truth and
  less than half of the smoothed one's bias of effects. Effects are no better for it than those on scores as they are,
  the column to report where the frontier is stable; it stands beside them to show what the scores' bias may do.
- Split samples correct levels as well and double the spread of effects; order-alpha scores answer another question.
- Where a policy works in few cities, errors clustered by city are larger than the spread over worlds with those same
  cities: they allow for other cities that might have been treated. Coverage above 95% there is that, on true
  efficiency too.
- This is one technology, one number of cities and variables. With fewer cities, more variables or an inefficiency of
  its own for each variable, scores are further from the truth ([efficiency_bias.md](efficiency_bias.md)).
"""
REGRESSORS = ["did", "eco", "fin", "urban", "gov", "industry"]
CRITICAL = 1.968
"""Of t with 279 degrees of freedom."""
REPLICATIONS, SPLITS, DRAWS, PEERS, ALPHA = 30, 10, 10, 100, 0.05
ROOT = Path(__file__).resolve().parent.parent
PAGE, KEPT = ROOT / "docs" / "second_stage.md", ROOT / "results" / "second_stage.jsonl"
DESIGNS = {
    "One effect in all cities": (1.0, None),
    "Effects in central cities above all": (15.0, None),
    "Efficiency rises towards the frontier": (1.0, 0.02),
}
"""Design -> effect in central cities over that in others, drift of true efficiency (None: that of the study)."""


@dataclass(frozen=True)
class Scored:
    """One world's scores, and what they are computed from; rows in the order of the panel, which is that of units."""

    frame: pd.DataFrame
    technology: Technology
    model: Model

    @property
    def score(self) -> np.ndarray:
        """Scores of at most one."""
        return np.minimum(self.frame["score"].to_numpy(), 1.0)

    def years(self) -> list[np.ndarray]:
        """Return the rows of each year."""
        return [np.flatnonzero(self.technology.year == y) for y in np.unique(self.technology.year)]

    def against(self, rows: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return scores of rows against others of their year, Super-SBM scores where they lie outside."""
        values = self.technology.values
        measured = bootstrap.PseudoModel(self.technology, "crs", "none", "fast")
        return measured.scores(np.ascontiguousarray(values[reference].T), values[rows], np.zeros(len(rows), dtype=bool))


def scored_world(seed: int, ratio: float, drift: float | None) -> tuple[Scored, float]:
    """Return one world's scores, and the effect of the policy on true efficiency in it: no disturbances, no errors.

    ``ratio`` and ``drift`` as in ``DESIGNS``.
    """
    planted = truths("city")[STUDY]
    equation = planted.equations["gie"]
    equation = equation if drift is None else replace(equation, drift=drift)
    parameters = {**planted.parameters, "central_ratio": ratio}
    planted = replace(planted, parameters=parameters, equations={**planted.equations, "gie": equation})
    given = {**truths("city"), STUDY: planted}
    frame = scored_panel(simulate_cities(seed, truths=given))
    noise_free = simulate_cities(seed, disturbed=False, truths=given).panels[STUDY].frame()
    technology = build_technology(INPUTS, GOOD, BAD, data=frame, unit="unit", year="year")
    model = Model("sbm", technology.counts, technology.weights, "crs", "none")
    return Scored(frame, technology, model), baseline_estimator(given[STUDY].baseline)(noise_free)


def split_samples(world: Scored, rng: np.random.Generator) -> np.ndarray:
    """Return scores corrected by split samples (Kneip, Simar and Wilson 2016), in logarithms.

    Against half the units scores are too high by 2^kappa times as much as against all, kappa = 2 / K under constant
    returns with K variables; the mean difference over random halves, over 2^kappa - 1, is the bias.
    """
    kappa, score = 2 / len(world.technology.names), world.score
    total = np.zeros(len(score))
    for _ in range(SPLITS):
        for rows in world.years():
            for half in np.array_split(rng.permutation(rows), 2):
                values = world.technology.values[half]
                solved = solve_model(
                    world.model, np.ascontiguousarray(values.T), values, np.full(len(half), -1), "fast"
                )
                total[half] += np.log(np.minimum(solved.objective, 1.0)) - np.log(score[half])
    return score * np.exp(-total / SPLITS / (2**kappa - 1))


def partial_frontiers(world: Scored, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return order-m scores, and scores corrected by subsampling (Simar and Wilson 2011), both against m peers."""
    kappa, score = 2 / len(world.technology.names), world.score
    levels, logs = np.zeros(len(score)), np.zeros(len(score))
    for _ in range(DRAWS):
        for rows in world.years():
            found = world.against(rows, rng.choice(rows, PEERS, replace=False))
            levels[rows] += found / DRAWS
            logs[rows] += np.log(found) / DRAWS
    size = (PEERS / len(world.years()[0])) ** kappa
    return levels, score * np.exp(-size * (logs - np.log(score)))


def order_alpha(world: Scored) -> np.ndarray:
    """Return order-alpha scores: the share of inputs and pollution at which all but alpha of the peers need more.

    Under constant returns, against single peers brought to the unit's outputs (Daraio and Simar 2007).
    """
    counts, result = world.technology.counts, np.empty(len(world.score))
    good = np.arange(counts.inputs, counts.inputs + counts.desirable)
    for rows in world.years():
        values = world.technology.values[rows]
        ratio = values[None, :, :] / values[:, None, :]  # unit, peer, variable
        scale = (1 / ratio[..., good]).max(axis=-1)
        needed = scale * np.delete(ratio, good, axis=-1).max(axis=-1)
        result[rows] = np.quantile(needed, ALPHA, axis=1)
    return result


def regressed(world: Scored, outcome: np.ndarray) -> Regression:
    """Return the study's baseline on an outcome."""
    frame = world.frame.assign(outcome=outcome)
    return regress(frame, "outcome", REGRESSORS, ["unit", "year"], BY_UNIT)


def bootstrapped(world: Scored, seed: int, given: Regressed | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return corrected and plausible scores of a bootstrap, in the order of the panel."""
    boot = bootstrap.bootstrap_scores(world.technology, seed=seed, replications=REPLICATIONS, given=given)
    order = boot.summary.assign(at=np.arange(len(boot.summary))).sort_values(["unit", "year"])["at"].to_numpy()
    return boot.summary["corrected"].to_numpy()[order], boot.plausible()[:, order]


def conditional(world: Scored, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return corrected and plausible scores of the bootstrap given policy, controls and effects."""

    def given(rows: pd.DataFrame) -> tuple[np.ndarray, float]:
        u = world.frame[["unit", "year"]].merge(rows, on=["unit", "year"], validate="1:1")["u"].to_numpy()
        residuals = regressed(world, u).residuals
        fitted = world.frame[["unit", "year"]].assign(fitted=u - residuals)
        return rows.merge(fitted, on=["unit", "year"])["fitted"].to_numpy(), float(np.sqrt(np.mean(residuals**2)))

    return bootstrapped(world, seed, given)


def outcomes(world: Scored, seed: int) -> tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]:
    """Return remedy -> scores of the panel's rows, and bootstrap -> (B, rows) plausible scores."""
    rng = np.random.default_rng(seed)
    order_m, subsampled = partial_frontiers(world, rng)
    smoothed, conditioned = bootstrapped(world, seed), conditional(world, seed)
    return {
        "true efficiency": world.frame["gie"].to_numpy(),
        "Super-SBM scores": world.frame["score"].to_numpy(),
        "scores of at most 1": world.score,
        "smoothed bootstrap, corrected": smoothed[0],
        "conditional bootstrap, corrected": conditioned[0],
        "split samples": split_samples(world, rng),
        "subsampling": subsampled,
        "order-m": order_m,
        "order-alpha": order_alpha(world),
    }, {"smoothed bootstrap": smoothed[1], "conditional bootstrap": conditioned[1]}


def row(seed: int, design: str) -> dict[str, Any]:
    """Return what is found in one world: the truth, and estimate, standard error and bias of scores by remedy."""
    world, truth = scored_world(seed, *DESIGNS[design])
    given, plausible = outcomes(world, seed)
    found: dict[str, Any] = {
        "seed": seed,
        "design": design,
        "truth": truth,
        "efficient": float((world.frame["score"] >= 1).mean()),
    }
    true = world.frame["gie"].to_numpy()
    results = {}
    for name, scores in given.items():
        fit = regressed(world, scores).fit
        rank = float(pd.Series(scores).corr(pd.Series(true), method="spearman"))
        results[name] = [float(fit.coef[0]), float(fit.se[0]), float((scores - true).mean()), rank]
    for name, draws in plausible.items():
        base = regressed(world, given[f"{name}, corrected"])
        pooled = pool_regressions([regressed(world, scores) for scores in draws], base)
        error, level = float(np.sqrt(pooled.vcov[0, 0])), float((draws - true).mean())
        results[f"{name}, pooled"] = [float(pooled.coef[0]), error, level, None]
    return {**found, "remedies": results}


def summary(worlds: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row a remedy: bias of the effect with its Monte Carlo error, spread, errors, coverage, and scores."""
    rows = {}
    for name in worlds[0]["remedies"]:
        found = np.array([[w["truth"], *w["remedies"][name]] for w in worlds], dtype=float)
        error = found[:, 1] - found[:, 0]
        rows[name] = {
            "truth": found[:, 0].mean(), "bias": error.mean(),
            "Monte Carlo error": error.std(ddof=1) / len(error) ** 0.5,
            "sd": error.std(ddof=1), "mean SE": found[:, 2].mean(),
            "coverage": float((np.abs(error) <= CRITICAL * found[:, 2]).mean()),
            "bias of scores": found[:, 3].mean(), "rank": found[:, 4].mean(),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def page(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of docs/second_stage.md."""
    parts = [OPENING.format(b=REPLICATIONS, splits=SPLITS, draws=DRAWS, peers=PEERS)]
    for design in DESIGNS:
        drawn = [line for line in lines if line["design"] == design]
        worlds = [line for line in drawn if "remedies" in line]
        table = summary(worlds)
        share = np.mean([world["efficient"] for world in worlds])
        parts.append(
            f"## {design}\n\n{len(worlds)} worlds; {len(drawn) - len(worlds)} seeds refused by the simulator. "
            f"Efficient: {100 * share:.1f}% of the city-years. Mean effect on true efficiency: "
            f"{table['truth'].iloc[0]:.5f}.\n"
        )
        columns = [*table.columns[1:]]
        parts.append("| scores | " + " | ".join(columns) + " |\n|---|" + "---:|" * len(columns))
        for name, row in table[columns].iterrows():
            cells = [f"{v:.5f}" for v in row.iloc[:4]] + [f"{row['coverage']:.3f}", f"{row['bias of scores']:.4f}"]
            parts[-1] += (
                f"\n| {name} | " + " | ".join([*cells, "" if np.isnan(row["rank"]) else f"{row['rank']:.3f}"]) + " |"
            )
        parts[-1] += "\n"
    return "\n".join([*parts, READING])


def main() -> None:
    """Measure the worlds that are not kept yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=500, help="seeds 1 to this of each design")
    parser.add_argument("--page-only", action="store_true", help="write the page of the worlds that are kept")
    options = parser.parse_args()
    KEPT.parent.mkdir(exist_ok=True)
    kept = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()] if KEPT.is_file() else []
    known = {(line["design"], line["seed"]) for line in kept}
    asked = () if options.page_only else itertools.product(range(1, options.worlds + 1), DESIGNS)
    for seed, design in asked:
        if (design, seed) in known:
            continue
        try:
            line = row(seed, design)
        except SimulationError as error:
            line = {"seed": seed, "design": design, "refused": str(error)}
        kept.append(line)
        with KEPT.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    PAGE.write_text(page(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
