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
    for number in spec["numbers"]:
        printed = _printed(published, number["at"])
        estimate = _ours(results[number["exhibit"]].estimates, number)
        same = agrees(printed, float(estimate[number["field"]].iloc[0]))
        agree += same
        rows.append(_row(number, printed, estimate, same))
        compared.append(estimate)
    estimates = normalise(pd.concat(compared).assign(exhibit=spec["id"])).drop_duplicates(ignore_index=True)
    header = ((("", 1), ("Published", 1), ("Reproduced", 1), ("Difference", 1), ("Agrees", 1)),)
    notes = [
        f"{agree} of {len(rows)} published numbers are reproduced to the printed digits.",
        f"Published: {published['source']}",
    ]
    if info.simulated:
        notes.insert(0, "SIMULATED data: the published numbers stand here for orientation only.")
    warnings = () if agree == len(rows) else (f"{len(rows) - agree} published numbers are not reproduced.",)
    return ExhibitResult(estimates, Table(header, tuple(rows)), notes=tuple(notes), warnings=warnings)


def agrees(printed: str, ours: float) -> bool:
    """Say whether our number, rounded to the digits printed, is the printed one (either rule of rounding halves)."""
    target = Decimal(printed)
    step = Decimal(1).scaleb(int(target.as_tuple().exponent))
    value = Decimal(repr(ours))
    return any(value.quantize(step, rounding=rule) == target for rule in (ROUND_HALF_EVEN, ROUND_HALF_UP))


def _row(number: Mapping[str, Any], printed: str, estimate: pd.DataFrame, same: bool) -> Row:
    decimals = max(0, -int(Decimal(printed).as_tuple().exponent))
    ours = float(estimate[number["field"]].iloc[0])
    ref = (str(estimate["column"].iloc[0]), number["term"], number["field"])
    difference = ours - float(printed)
    cells = (
        Cell(printed),
        Cell(f"{ours:.{decimals}f}", ref),
        Cell("0" if difference == 0 else f"{difference:.1e}"),
        Cell("yes" if same else "NO"),
    )
    return Row(number["what"], cells)


def _printed(published: Mapping[str, Any], at: str) -> str:
    """Return the text at a dotted path such as ``tables.twfe.rows.post.c1.0``."""
    place: Any = published
    for key in at.split("."):
        inside = {str(n): v for n, v in enumerate(place)} if isinstance(place, list) else place
        if not isinstance(inside, Mapping) or key not in inside:
            known = list(inside) if isinstance(inside, Mapping) else []
            raise EstimationError(f"the published numbers have nothing at '{at}': no '{key}'{nearest(key, known)}")
        place = inside[key]
    return str(place)


def _ours(estimates: pd.DataFrame, number: Mapping[str, Any]) -> pd.DataFrame:
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
