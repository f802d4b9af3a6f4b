"""docs/second_stage.md: its words, tables and verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.second_stage.found import LEAST, MOST, WITHIN, failures, summary
from bench.second_stage.remedies import DRAWS, PEERS, RECOMMENDED, REPLICATIONS, SPLITS
from bench.second_stage.worlds import CENTRAL, DESIGNS, STABLE

OPENING = """# A second stage on efficiency scores: what the remedies do

`make second-stage` writes this page. Each world is one of the simulator's `green_innovation_cities` (280 cities, 2007
to 2021; three inputs, three desirable outputs and one undesirable, with errors of measurement; non-oriented SBM,
constant returns, a frontier a year). The policy moves true efficiency, which is the score against the true technology
(`shidian.simulate.city_technology`), so that the effect on both is one number: the baseline regression on true
efficiency without disturbances. The same regression, with controls, effects of cities and years and errors clustered by
city, is run on

- *true efficiency*: what no study has, to tell the scores' part in what follows from the rest;
- *Super-SBM scores*, and *scores of at most 1*: no remedy;
- *split samples* (Kneip, Simar and Wilson 2016; {splits} random halves a year), *subsampling* (Simar and Wilson 2011;
  {draws} draws of {peers} cities a year): corrected by the rate n^(2/7) of seven variables;
- *order-m* scores (against {peers} cities, mean of {draws} draws) and *order-alpha* ones (5%, single peers);
- *smoothed bootstrap* (Simar and Wilson 1998; {b} replications): scores *corrected* for bias, and the regressions on
  the plausible scores of all replications *pooled* by Rubin's rules; inefficiency is drawn from all cities alike;
- *conditional bootstrap*: the same, inefficiency drawn around the regression itself, as Algorithm 2 of Simar and Wilson
  (2007), by least squares with effects in the place of a truncated regression.

Scores as they are cost a third of a second a world, the bootstraps two seconds: *worlds* says in how many each was run,
the first ones of the same list of seeds. *bias*: mean estimate minus the truth of its world, and its *Monte Carlo
error*; *sd* of that difference and mean standard error; *coverage* of 95% intervals (one minus it is the size of the
test that the effect is what it is); *apart*: coverage of intervals without what the spread of effects over cities adds
to them (below); *bias of scores*: scores minus true efficiency, and Spearman's *rank* correlation with it.

The recommended column is *{recommended}*, the scores as they are. It is held to a bias within {within:g} Monte Carlo
errors and a coverage of {least:.0f}% to {most:.0f}% where the frontier is stable; `make second-stage` fails where it
does not keep to that.
"""
COLUMNS = {
    "worlds": "{:.0f}", "bias": "{:.5f}", "Monte Carlo error": "{:.5f}", "sd": "{:.5f}", "mean SE": "{:.5f}",
    "coverage": "{:.3f}", "apart": "{:.3f}", "bias of scores": "{:.4f}", "rank": "{:.3f}",
}  # fmt: skip
READING = """## What to take from it

- Scores keep the order of true efficiency. Where the best cities stay as near to the true frontier as they were, the
  effect on Super-SBM scores as they are is within two Monte Carlo errors of the truth and its intervals hold it about
  as often as they say: the scores' bias is much the same in all years, and leaves with the effects.
- Scores of at most 1 cut off what cities above 1 gain: their effect is 3% too small, well within its intervals. The
  column *Scores* of `kind: second_stage` is of these, which the bootstraps correct; report a regression on Super-SBM
  scores beside it.
- On true efficiency the effect is 1% too small, 2.4 Monte Carlo errors, and 2.0 of them in 500 other worlds
  ([monte_carlo_studies.md](monte_carlo_studies.md)); what moves it was not found, and scores have no part in it.
- Where efficiency rises towards the frontier, the best cities span it better from year to year, and scores come down
  to the truth: those of good cities by more points than those of others, and with them the effect of policies that good
  cities get, too small by a quarter. No column here repairs it.
- The smoothed bootstrap draws inefficiency as if it had nothing to do with city and policy, and takes part of the
  effect for bias: it is wrong in all designs. It stays as `bootstrap: smoothed`, and is not recommended here.
- The conditional bootstrap, which `kind: second_stage` runs unless told otherwise, gives levels near to the truth and
  less than half of the smoothed one's bias of effects. Effects are no better for it than those on scores as they are,
  the column to report where the frontier is stable; it stands beside them to show what the scores' bias may do.
- Split samples correct levels as well and double the spread of effects; order-alpha scores answer another question.
- Where a policy works in central cities fifteen times as much as in others, intervals hold the truth nearly always, on
  true efficiency too. Errors clustered by city take the cities as a sample of those that might have been treated, and
  count how far the effects of cities lie apart; the truth here, and the spread over worlds, is that of the cities that
  are treated in that world, whose effects are what they are (Abadie, Athey, Imbens and Wooldridge 2020). The regression
  without any disturbance shows it: it has no error but that spread, and its clustered error, printed above the table,
  is most of that with disturbances (squared, the two parts add up to the *mean SE*). Without it, *apart*, intervals are
  about right; a little short on true efficiency, because a difference of two estimated variances is itself estimated.
  No study can take it off, since none sees the regression without disturbances: such intervals are too wide for the
  effect in these cities, and not for that in others like them.
- This is one technology, one number of cities and variables. With fewer cities, more variables or an inefficiency of
  its own for each variable, scores are further from the truth ([efficiency_bias.md](efficiency_bias.md)). A test of
  whether the frontier itself depends on city and policy (separability: Daraio, Simar and Wilson 2018) is not offered.
"""
HELD = {STABLE: "coverage", CENTRAL: "apart"}
"""Design -> the coverage that the recommended column is held to: of intervals as they are, or without the spread."""


def page(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of docs/second_stage.md."""
    words = {"b": REPLICATIONS, "splits": SPLITS, "draws": DRAWS, "peers": PEERS, "recommended": RECOMMENDED}
    gate = {"within": WITHIN, "least": 100 * LEAST, "most": 100 * MOST}
    return "\n".join([OPENING.format(**words, **gate), *(_section(design, lines) for design in DESIGNS), READING])


def verdicts(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the recommended column does not keep, in words, by design; empty where it holds."""
    found = []
    for design, coverage in HELD.items():
        table = summary(measured(design, lines))
        found += [f"{design}: {RECOMMENDED}, {said}" for said in failures(table, RECOMMENDED, coverage)]
    return found


def measured(design: str, lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what was found in the worlds of a design that exist."""
    return [line for line in lines if line["design"] == design and "remedies" in line]


def _section(design: str, lines: Sequence[Mapping[str, Any]]) -> str:
    """Return one design's table, and what was said of its worlds."""
    worlds = measured(design, lines)
    refused = {line["seed"] for line in lines if line["design"] == design and "refused" in line}
    known = {world["seed"]: world for world in worlds}.values()
    efficient, truth, spread = (float(np.mean([w[key] for w in known])) for key in ("efficient", "truth", "spread"))
    head = (
        f"## {design}\n\n{len(known)} worlds; {len(refused)} seeds refused by the simulator. Efficient: "
        f"{100 * efficient:.1f}% of the city-years. Mean effect on true efficiency: {truth:.5f}; its clustered error "
        f"without any disturbance: {spread:.5f}.\n"
    )
    return "\n".join([head, *_table(summary(worlds)), ""]) + _verdict(design, lines)


def _table(table: pd.DataFrame) -> Iterator[str]:
    yield "| scores | " + " | ".join(COLUMNS) + " |\n|---|" + "---:|" * len(COLUMNS)
    for name, row in table.iterrows():
        cells = ["" if np.isnan(row[column]) else form.format(row[column]) for column, form in COLUMNS.items()]
        yield f"| {name} | " + " | ".join(cells) + " |"


def _verdict(design: str, lines: Sequence[Mapping[str, Any]]) -> str:
    if design not in HELD:
        return ""
    failed = failures(summary(measured(design, lines)), RECOMMENDED, HELD[design])
    what = "bias and coverage" if HELD[design] == "coverage" else "bias and coverage apart from the spread of effects"
    return f"\n*{RECOMMENDED}*, {what}: " + (f"does NOT hold: {'; '.join(failed)}." if failed else "holds.") + "\n"
