"""Published against reproduced: each printed number beside ours, and whether they agree to the printed digits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from shidian.errors import EstimationError, nearest
from shidian.estimates import ESTIMATE_COLUMNS, normalise
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table


def read_published(path: str | Path) -> Mapping[str, Any]:
    """Read a file of published numbers, every scalar as the text that was printed."""
    content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(content, dict)
    return content


def run(
    results: Mapping[str, ExhibitResult], published: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo
) -> ExhibitResult:
    """Compare printed numbers with the study's own.

    Args:
        results: exhibit -> result, every exhibit that ``spec`` names.
        published: the published numbers, all scalars as text so that the printed digits are kept.
        spec: resolved specification; ``numbers`` is a list of {what, at, exhibit, column, term, field}.
        info: the study.

    Raises:
        EstimationError: a printed number or an estimate that is not there, with the nearest one that is.
    """
    rows, compared, agree = [], [], 0
    numbers = [number for number in spec["numbers"] if "at" in number]
    for number in numbers:
        printed = printed_number(published, number["at"])
        estimate = find_estimate(results[number["exhibit"]].estimates, number)
        same = agrees(printed, float(estimate[number["field"]].iloc[0]))
        agree += same
        verdicts = _verdicts(number, printed, estimate, published) if spec.get("verdicts", False) else ()
        rows.append(_row(number, printed, estimate, same, verdicts))
        compared.append(estimate)
    estimates = normalise(pd.concat(compared).assign(exhibit=spec["id"])).drop_duplicates(ignore_index=True)
    heads = ("Published", "Reproduced", "Difference", "Agrees", *(VERDICTS if spec.get("verdicts", False) else ()))
    notes = [
        f"{agree} of {len(rows)} published numbers are reproduced to the printed digits.",
        f"Published: {published['source']}",
    ]
    if spec.get("verdicts", False):
        notes.append("In standard errors: the difference over our own. Stars: the printed ones against our p-value.")
    if info.simulated:
        notes.insert(0, "SIMULATED data: the published numbers stand here for orientation only.")
    warnings = () if agree == len(rows) else (f"{len(rows) - agree} published numbers are not reproduced.",)
    table = Table(((("", 1), *((head, 1) for head in heads)),), tuple(rows))
    return ExhibitResult(estimates, table, notes=tuple(notes), warnings=warnings)


VERDICTS = ("In standard errors", "Same sign", "Same stars", "In our 95% interval")
LEVELS = (0.1, 0.05, 0.01)


def _verdicts(
    number: Mapping[str, Any], printed: str, estimate: pd.DataFrame, published: Mapping[str, Any]
) -> tuple[Cell, ...]:
    """Say how far a printed coefficient is from ours: in standard errors, in sign, in stars, in our interval."""
    row, value = estimate.iloc[0], float(printed)
    if number["field"] != "estimate" or pd.isna(row["se"]):
        return tuple(Cell("") for _ in VERDICTS)
    ref, term = str(row["column"]), number["term"]
    said = {True: "yes", False: "NO"}
    stars = ""
    if "stars" in number:
        stars = said[int(printed_number(published, number["stars"])) == sum(row["p"] < level for level in LEVELS)]
    return (
        Cell(f"{(float(row['estimate']) - value) / float(row['se']):+.2f}", (ref, term, "se")),
        Cell(said[bool((row["estimate"] > 0) == (value > 0))]),
        Cell(stars),
        Cell(said[bool(row["ci_low"] <= value <= row["ci_high"])]),
    )


def agrees(printed: str, ours: float) -> bool:
    """Say whether our number, rounded to the digits printed, is the printed one (either rule of rounding halves)."""
    target = Decimal(printed)
    step = Decimal(1).scaleb(int(target.as_tuple().exponent))
    value = Decimal(repr(ours))
    return any(value.quantize(step, rounding=rule) == target for rule in (ROUND_HALF_EVEN, ROUND_HALF_UP))


def _row(
    number: Mapping[str, Any], printed: str, estimate: pd.DataFrame, same: bool, verdicts: tuple[Cell, ...]
) -> Row:
    decimals = max(0, -int(Decimal(printed).as_tuple().exponent))
    ours = float(estimate[number["field"]].iloc[0])
    ref = (str(estimate["column"].iloc[0]), number["term"], number["field"])
    difference = ours - float(printed)
    cells = (
        Cell(printed),
        Cell(f"{ours:.{decimals}f}", ref),
        Cell("0" if difference == 0 else f"{difference:.1e}"),
        Cell("yes" if same else "NO"),
        *verdicts,
    )
    return Row(number["what"], cells)


def printed_number(published: Mapping[str, Any], at: str) -> str:
    """Return the text at a dotted path such as ``tables.twfe.rows.post.c1.0``."""
    place: Any = published
    for key in at.split("."):
        inside = {str(n): v for n, v in enumerate(place)} if isinstance(place, list) else place
        if not isinstance(inside, Mapping) or key not in inside:
            known = list(inside) if isinstance(inside, Mapping) else []
            raise EstimationError(f"the published numbers have nothing at '{at}': no '{key}'{nearest(key, known)}")
        place = inside[key]
    return str(place)


def find_estimate(estimates: pd.DataFrame, number: Mapping[str, Any]) -> pd.DataFrame:
    """Return the one estimate that a number names; its column says which exhibit it comes from."""
    where = f"exhibit '{number['exhibit']}'"
    rows = estimates
    for key in ("column", "term"):
        known = [str(value) for value in rows[key].unique()]
        rows = rows[rows[key] == number[key]]
        if rows.empty:
            raise EstimationError(f"{where} has no {key} '{number[key]}'{nearest(number[key], known)}")
    if number["field"] not in ESTIMATE_COLUMNS:
        raise EstimationError(
            f"estimates have no field '{number['field']}'{nearest(number['field'], ESTIMATE_COLUMNS)}"
        )
    if pd.isna(rows[number["field"]].iloc[0]):
        raise EstimationError(f"{where}: '{number['term']}' of column '{number['column']}' has no {number['field']}")
    return rows.head(1).assign(column=f"{number['exhibit']}: {number['column']}")
