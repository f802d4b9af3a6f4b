"""A finished study in a few lines: a table with stars and a minus, counts, an exhibit that is only a figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import docx
import pandas as pd
from shidian.audit.manuscript.finished import FinishedExhibit, FinishedStudy
from shidian.estimates import normalise
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, Table
from shidian.report.files import write_figure_files, write_table_files
from shidian.report.study_report import ExhibitMeta

LONG = "bias before: a covariate whose name is longer than the tag that a word processor keeps"


def study(folder: Path, estimate: float = 0.0728512, *, simulated: bool = False) -> FinishedStudy:
    """Return the study with its printed files in a folder."""
    made = {
        "baseline": _exhibit(folder, "baseline", baseline(estimate), "Table 2", simulated),
        "dynamics": _exhibit(folder, "dynamics", dynamics(), "Figure 1", simulated),
        "pages": _exhibit(folder, "pages", descriptives(), "Table 1", simulated),
    }
    return FinishedStudy("towns", simulated, made, ("placebo",))


def baseline(estimate: float) -> ExhibitResult:
    """Return two columns: a starred estimate and a negative one, with standard errors, N and R2."""
    common = {"study": "towns", "exhibit": "baseline", "reason": ""}
    six = {**common, "column": "(6)", "n_obs": 4850, "n_units": 285, "n_clusters": 285, "r2": 0.912345}
    frame = [
        {**six, "term": "did", "estimate": estimate, "se": 0.0303, "statistic": 2.404, "p": 0.0168,
         "ci_low": 0.0132, "ci_high": 0.1325},
        {**six, "term": "ln_pop", "estimate": -0.0268, "se": 0.0192, "statistic": -1.396, "p": 0.1637,
         "ci_low": -0.0645, "ci_high": 0.0109},
        {**six, "term": LONG, "estimate": 1.5, "se": 0.5, "statistic": 3.0, "p": 0.00001,
         "ci_low": 0.5, "ci_high": 2.5},
        {**common, "column": "(7)", "term": "did", "reason": "too few clusters"},
    ]  # fmt: skip
    rows = (
        Row("Pilot", (Cell(f"{estimate:.4f}**", ("(6)", "did", "estimate")), Cell(""))),
        Row("", (Cell("(0.0303)", ("(6)", "did", "se")), Cell(""))),
        Row("ln population", (Cell("-0.0268", ("(6)", "ln_pop", "estimate")), Cell(""))),
        Row("", (Cell("(0.0192)", ("(6)", "ln_pop", "se")), Cell(""))),
        Row("Observations", (Cell("4,850", ("(6)", "did", "n_obs")), Cell(""))),
    )
    table = Table(((("", 1), ("(6)", 1), ("(7)", 1)),), rows)
    return ExhibitResult(normalise(pd.DataFrame(frame)), table, notes=("City and year fixed effects.",))


def descriptives() -> ExhibitResult:
    """Return mean and N of two variables."""
    common = {"study": "towns", "exhibit": "pages", "reason": ""}
    frame = [
        {**common, "column": column, "term": term, "estimate": value}
        for term, mean, n in (("gdp", 26822.4, 4850), ("theil", 0.0961, 3640))
        for column, value in (("mean", mean), ("n", n))
    ]
    rows = tuple(
        Row(term, (Cell(mean, ("mean", term, "estimate")), Cell(n, ("n", term, "estimate"))))
        for term, mean, n in (("gdp", "26,822", "4,850"), ("theil", "0.096", "3,640"))
    )
    return ExhibitResult(normalise(pd.DataFrame(frame)), Table(((("", 1), ("Mean", 1), ("N", 1)),), rows))


def dynamics() -> ExhibitResult:
    """Return an exhibit that is a figure alone: what printed no number must be given digits."""
    common = {"study": "towns", "exhibit": "dynamics", "column": "event study", "reason": ""}
    frame = normalise(pd.DataFrame([
        {**common, "term": f"tau{t:+d}", "estimate": 0.01 * t, "se": 0.012345, "p": 0.5, "ci_low": 0.01 * t - 0.024,
         "ci_high": 0.01 * t + 0.024} for t in (-2, -1, 0, 1)
    ]))  # fmt: skip
    return ExhibitResult(frame, figure=Figure("none", {}), notes=("Intervals are pointwise.",))


def _exhibit(folder: Path, name: str, result: ExhibitResult, number: str, simulated: bool) -> FinishedExhibit:
    meta = ExhibitMeta("towns", name, number, f"What {name} shows", simulated=simulated)
    files = write_table_files(result, meta, folder)
    if result.figure is not None:
        refused = replace(result, figure=None, estimates=result.estimates.assign(estimate=float("nan"), reason="drawn"))
        files |= write_figure_files(refused, meta, folder)
    return FinishedExhibit(meta, result, {path.suffix: path for path in files.values() if path.stem == name})


def split_document(path: Path, *paragraphs: list[str]) -> Path:
    """Write a Word document whose paragraphs are split over runs as given."""
    document = docx.Document()
    for runs in paragraphs:
        paragraph = document.add_paragraph()
        for n, text in enumerate(runs):
            paragraph.add_run(text).bold = True if n % 2 else None
    document.save(path)
    return path


def words_of(path: Path) -> list[str]:
    """Return the text of each body paragraph, with what stands in content controls."""
    from docx.oxml.ns import qn

    body = docx.Document(str(path)).element.body
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]
