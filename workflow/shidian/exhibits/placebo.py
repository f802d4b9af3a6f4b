"""Placebo exhibit: the distribution of estimates under pseudo-treatments, and where the true estimate lies in it.

The draws are made in chunks by jobs of their own (``draw_chunk``); ``summarise`` joins them with the true estimate.
``run`` does both for studies small enough to need no jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import Fit, normalise
from shidian.exhibits.result import (
    Cell,
    ExhibitResult,
    Figure,
    Row,
    StudyInfo,
    Table,
    ledger_frame,
    ledger_row,
)
from shidian.placebo.draws import ABSORBED, OK, chunk_bounds, draw_frame, gather
from shidian.placebo.fisher import fisher_p
from shidian.placebo.prepare import prepare, true_design
from shidian.placebo.settings import Settings, read_settings

QUANTILES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99)
LEVELS = (0.1, 0.05, 0.01)
MAX_POINTS = 20_000
"""Most draws shown in the figure; the table always uses all."""


def chunks(spec: Mapping[str, Any], info: StudyInfo) -> list[tuple[int, int]]:
    """Return (first, last) of each chunk of draws that the exhibit declares, ends included."""
    settings = read_settings(spec, info.seed)
    return chunk_bounds(settings.draws, settings.chunk)


def draw_chunk(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo, first: int, last: int) -> pd.DataFrame:
    """Return draws first..last; see ``shidian.placebo.draws.draw_frame``."""
    return draw_frame(panel, spec, info.treatment, info.seed, first, last)


def fit_truth(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> Fit:
    """Return the true estimate by the exhibit's estimator."""
    from shidian.placebo.engine import true_fit

    settings = read_settings(spec, info.seed)
    return true_fit(true_design(panel, settings, info.treatment), info.treatment)


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Make all draws in this process and summarise them."""
    parts = [draw_chunk(panel, spec, info, first, last) for first, last in chunks(spec, info)]
    return summarise(parts, fit_truth(panel, spec, info), spec, info, panel)


def summarise(
    draws: pd.DataFrame | Iterable[pd.DataFrame],
    true_fit: Fit,
    spec: Mapping[str, Any],
    info: StudyInfo,
    panel: pd.DataFrame | None = None,
) -> ExhibitResult:
    """Return quantiles, randomisation p-values and figure data of all declared draws.

    Args:
        draws: the chunks (or one frame) with every declared draw.
        true_fit: the true estimate; its terms name those of the draws.
        spec: the exhibit's resolved specification.
        info: the study.
        panel: the panel, to report in the ledger what the placebo sample leaves out.

    Raises:
        EstimationError: a draw that is missing, a term without a true estimate, no draw with a number.
    """
    settings = read_settings(spec, info.seed)
    frame = gather([draws] if isinstance(draws, pd.DataFrame) else draws, settings.draws)
    terms = list(dict.fromkeys(frame["term"]))
    truth = _truth(true_fit, terms)
    decimals = int(spec.get("decimals", 4))
    columns = [
        _Column(frame.loc[frame["term"] == t], truth.loc[t], t, field, settings)
        for t in terms
        for field in ("estimate", "statistic")
    ]
    estimates = pd.concat([c.estimates(info.study, str(spec["id"]), true_fit) for c in columns], ignore_index=True)
    return ExhibitResult(
        estimates=normalise(estimates),
        table=_table(columns, info, decimals),
        figure=_figure(frame, truth, terms[0], settings, info),
        notes=_notes(frame, true_fit, settings, info),
        ledger=_ledger(frame, settings, info, panel),
        warnings=tuple(w for c in columns for w in c.warnings()),
    )


class _Column:
    """One printed column: the coefficients, or the t statistics, of one term's draws."""

    def __init__(self, draws: pd.DataFrame, truth: pd.Series, term: str, field: str, settings: Settings) -> None:
        self.name = f"{term}|{'coefficient' if field == 'estimate' else 't'}"
        self.term, self.field = term, field
        self.truth = float(truth.to_numpy(float)[list(truth.index).index(field)])
        self.values = draws[field].to_numpy()
        self.valid = self.values[~np.isnan(self.values)]
        self.fisher = fisher_p(self.values, self.truth)
        p = draws["p"].to_numpy()
        self.significant = [float(np.mean(p[~np.isnan(p)] < level)) for level in LEVELS]
        self.seed = settings.seed

    def numbers(self) -> list[tuple[str, str, float, float]]:
        """Return (term, label, number, Monte-Carlo standard error) of every row of the column."""
        n, nan, f = len(self.valid), float("nan"), self.fisher
        sd = float(self.valid.std(ddof=1)) if n > 1 else nan
        rows = [
            ("truth", "True estimate", self.truth, nan),
            ("mean", "Mean of draws", float(self.valid.mean()), sd / np.sqrt(n)),
            ("sd", "Standard deviation of draws", sd, nan),
            ("min", "Minimum", float(self.valid.min()), nan),
            *((f"q{100 * q:g}", f"{100 * q:g}% quantile", float(np.quantile(self.valid, q)), nan) for q in QUANTILES),
            ("max", "Maximum", float(self.valid.max()), nan),
            ("p_two_sided", "Randomisation p, two-sided", f.two_sided, f.error(f.two_sided)),
            ("p_left", "Randomisation p, left tail", f.left, f.error(f.left)),
            ("p_right", "Randomisation p, right tail", f.right, f.error(f.right)),
        ]
        if self.field == "statistic":
            for level, share in zip(LEVELS, self.significant, strict=True):
                label = f"Share of draws with p < {level:g}"
                rows.append((f"share_{100 * level:g}", label, share, float(np.sqrt(share * (1 - share) / n))))
        return rows

    def estimates(self, study: str, exhibit: str, fit: Fit) -> pd.DataFrame:
        """Return the numbers in the long schema; ``se`` is the Monte-Carlo standard error where there is one."""
        frame = pd.DataFrame(self.numbers(), columns=["term", "label", "estimate", "se"]).drop(columns="label")
        constants: dict[str, Any] = {
            "study": study, "exhibit": exhibit, "column": self.name, "n_obs": fit.n_obs, "n_units": fit.n_units,
            "n_clusters": fit.n_clusters, "vcov": fit.vcov_kind, "ssc": fit.ssc, "seed": self.seed,
        }  # fmt: skip
        frame = normalise(frame.assign(**constants))
        frame.loc[frame["estimate"].isna(), "reason"] = "one draw has no standard deviation"
        return frame

    def warnings(self) -> list[str]:
        """Return what a referee would object to in the distribution of coefficients."""
        if self.field != "estimate" or len(self.valid) < 30:
            return []
        error = self.valid.std(ddof=1) / np.sqrt(len(self.valid))
        if abs(self.valid.mean()) <= 4 * error:
            return []
        return [f"The placebo coefficients of {self.term} are not centred at zero: mean {self.valid.mean():.4g}, "
                f"Monte-Carlo standard error {error:.2g}"]  # fmt: skip


def _truth(fit: Fit, terms: list[str]) -> pd.DataFrame:
    lacking = [t for t in terms if t not in fit.terms]
    if lacking:
        raise EstimationError(f"the true fit has no term '{lacking[0]}'; it has {', '.join(fit.terms)}")
    rows = fit.long("", "", "").set_index("term")
    return rows.loc[terms, ["estimate", "se", "statistic", "p"]]


def _table(columns: list[_Column], info: StudyInfo, decimals: int) -> Table:
    """Lay the columns side by side: a pair (coefficient, t) a term."""
    rows = []
    labels = {term: label for column in columns for term, label, _, _ in column.numbers()}
    by_column = [{term: (number, error) for term, _, number, error in column.numbers()} for column in columns]
    for term, label in labels.items():
        cells = []
        for column, numbers in zip(columns, by_column, strict=True):
            number, error = numbers.get(term, (float("nan"), float("nan")))
            text = "" if np.isnan(number) else f"{number:.{decimals}f}"
            if term.startswith("p_"):
                text += f" ({error:.{decimals}f})"
            cells.append(Cell(text, (column.name, term, "estimate") if text else None))
        rows.append(Row(label, tuple(cells), rule_above=term in ("mean", "p_two_sided", "share_10")))
    names = tuple((info.label(c.term), 2) for c in columns[::2])
    kinds = tuple(("Coefficient" if c.field == "estimate" else "t", 1) for c in columns)
    return Table(((("", 1), *names), (("", 1), *kinds)), tuple(rows))


def _figure(frame: pd.DataFrame, truth: pd.DataFrame, term: str, settings: Settings, info: StudyInfo) -> Figure:
    """Return the draws with their p-values, and the true estimate."""
    field = "estimate" if settings.statistic == "coefficient" else "statistic"
    shown = frame.loc[(frame["term"] == term) & (frame["status"] == OK) & (frame["draw"] < MAX_POINTS)]
    points = shown[["draw", field, "p"]].set_axis(["draw", "estimate", "p"], axis=1).reset_index(drop=True)
    line = truth.loc[[term], [field, "se"]].set_axis(["estimate", "se"], axis=1).reset_index(drop=True)
    what = "Placebo estimate" if settings.statistic == "coefficient" else "t statistic of placebo estimate"
    return Figure("placebo", {"draws": points, "truth": line}, {"x_label": f"{what} of {info.label(term)}"})


def _notes(frame: pd.DataFrame, fit: Fit, settings: Settings, info: StudyInfo) -> tuple[str, ...]:
    """Return the sentences of the note: how draws were made, what was absorbed, errors, clusters, seed."""
    made = {
        "permute": f"the adoption years are permuted over the {info.unit_label} units, cohort sizes kept",
        "random": "treated units and their adoption years are both drawn at random",
        "in_time": "adoption of the treated units is moved earlier and years from the true adoption on are dropped",
    }[settings.mode]  # fmt: skip
    made += f", within each {settings.strata}" if settings.strata else ""
    made += f", {settings.assign_by} by {settings.assign_by}" if settings.assign_by != "unit" else ""
    made += ", among units never treated, the treated ones left out" if settings.pool == "never_treated" else ""
    effects = ", ".join(info.label(e) for e in settings.fixed_effects) or "none"
    notes = [
        f"{settings.draws} placebo draws: {made}. Draw d uses the random stream (seed {settings.seed}, d).",
        f"Estimator: {settings.estimator}; outcome {info.label(settings.outcome)}; "
        f"controls: {', '.join(info.label(c) for c in settings.controls) or 'none'}; fixed effects: {effects}.",
        f"Standard errors {settings.vcov.text}, small-sample convention of {settings.ssc}"
        + (f", {fit.n_clusters} clusters" if fit.n_clusters else "")
        + f"; true estimate on {fit.n_obs} rows of {fit.n_units} units ({fit.n_missing} rows with missing values and "
        f"{fit.n_singletons} singletons dropped).",
        "Randomisation p = (1 + number of draws at least as extreme) / (1 + number of draws); "
        "its Monte-Carlo standard error is in parentheses.",
    ]
    notes += _excluded(frame, settings)
    if settings.draws > MAX_POINTS:
        notes.append(f"The figure shows draws 0 to {MAX_POINTS - 1}, the table all.")
    if info.simulated:
        notes.append("SIMULATED data.")
    return tuple(notes)


def _excluded(frame: pd.DataFrame, settings: Settings) -> list[str]:
    """Say how many draws gave no number, and why."""
    bad = frame.loc[frame["status"] != OK].drop_duplicates("draw")
    if bad.empty:
        return ["All draws gave an estimate."]
    absorbed = int((bad["status"] == ABSORBED).sum())
    texts = [f"{absorbed} of {settings.draws} draws are excluded because fixed effects and controls absorb the "
             "pseudo-treatment."] if absorbed else []  # fmt: skip
    for status, n in sorted(bad.loc[bad["status"] != ABSORBED, "status"].value_counts().items()):
        texts.append(f"{n} of {settings.draws} draws are excluded because the estimator gave no number: {status}.")
    return texts


def _ledger(frame: pd.DataFrame, settings: Settings, info: StudyInfo, panel: pd.DataFrame | None) -> pd.DataFrame:
    """Return what the placebo sample leaves out of the panel; draws without a number are in the notes."""
    rows = []
    if panel is not None:
        prepared = prepare(panel, settings, info.treatment)
        rows += [ledger_row("placebo sample", settings.outcome, reason, units=units, rows=n)
                 for units, n, reason in prepared.left_out]  # fmt: skip
        design = prepared.design
        counted = ((design.n_missing, "missing value"), (design.n_singletons, "singleton of a fixed effect"))
        rows += [ledger_row("placebo sample", settings.outcome, reason, rows=n) for n, reason in counted if n]
        rows += [ledger_row("placebo sample", control, "control absorbed by fixed effects or earlier controls")
                 for control in design.dropped_controls]  # fmt: skip
    return ledger_frame(rows)
