"""Chunks: the same bytes however draws are cut, whatever the order of rows, the hash seed and the platform's order."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from placebo_panels import BASE, INFO, make_panel
from shidian.errors import EstimationError
from shidian.exhibits.placebo.placebo import estimate as placebo
from shidian.extensions import using
from shidian.job import write_parquet
from shidian.messages import say
from shidian.placebo.draws import MESSAGES, OK, chunk_bounds, gather, tidy
from shidian.placebo.registry import find_entry

ENGINES = {
    "by unit": {},
    "by row": {"vcov": {"kind": "hetero"}, "fixed_effects": ["unit", "province_year"]},
    "event study": {"estimator": "event_study", "window": [-3, 2]},
    "draw by draw": {"estimator": "feols"},
    "Callaway-Sant'Anna": {"estimator": "callaway_santanna", "controls": []},
    "PSM-DID": {"estimator": "psm_did", "options": {"base": "base_year", "base_year": 2003, "neighbours": 2}},
}
ONE_BY_ONE = ("draw by draw", "Callaway-Sant'Anna", "PSM-DID")


def digest(frame: pd.DataFrame) -> str:
    """Digest of every bit of the numbers and every text."""
    parts = [frame[c].to_numpy().tobytes() for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
    return hashlib.sha256(b"".join(parts) + "|".join(frame["term"] + frame["status"]).encode()).hexdigest()


def all_draws(panel: pd.DataFrame, spec: dict) -> pd.DataFrame:
    parts = [placebo.draw_chunk(panel, spec, INFO, first, last) for first, last in placebo.chunks(spec, INFO)]
    return gather(reversed(parts), spec["draws"])


@pytest.mark.parametrize("engine", ENGINES)
def test_chunking_changes_no_byte(engine: str) -> None:
    panel = make_panel(balanced=engine == "Callaway-Sant'Anna")
    draws = 12 if engine in ONE_BY_ONE else 90
    spec = {**BASE, **ENGINES[engine], "draws": draws}
    digests = {digest(all_draws(panel, {**spec, "chunk": chunk})) for chunk in (1, 7, draws, 1000)}
    assert len(digests) == 1


def test_more_draws_leave_earlier_chunks_alone() -> None:
    assert chunk_bounds(500, 100) == chunk_bounds(1000, 100)[:5]
    assert chunk_bounds(7, 3) == [(0, 2), (3, 5), (6, 6)]
    panel, spec = make_panel(), {k: v for k, v in BASE.items() if k not in ("draws", "chunk")}
    beyond = placebo.draw_chunk(panel, spec, INFO, 5_000_000, 5_000_001)  # a chunk job knows no number of draws
    assert beyond["draw"].tolist() == [5_000_000, 5_000_001]
    assert beyond["estimate"].notna().all()


@pytest.mark.parametrize("engine", ["by unit", "by row", "event study"])
def test_row_order_and_names_change_no_byte(engine: str) -> None:
    panel = make_panel(balanced=False)
    spec = {**BASE, **ENGINES[engine], "draws": 20}
    want = digest(all_draws(panel, spec))
    assert digest(all_draws(panel.sample(frac=1, random_state=3), spec)) == want
    renamed = panel.assign(unit="z" + panel["unit"], province="z" + panel["province"])
    assert digest(all_draws(renamed, spec)) == want


def test_the_panel_is_not_changed() -> None:
    panel = make_panel(balanced=False)
    before = panel.copy(deep=True)
    placebo.run(panel, {**BASE, "draws": 20, "mode": "in_time"}, INFO)
    pd.testing.assert_frame_equal(panel, before)


def test_scale_and_shift_of_the_outcome() -> None:
    """Units of measure: 1000 y + 5 multiplies estimates and errors by 1000, leaves t and p."""
    panel, spec = make_panel(balanced=False), {**BASE, "draws": 30}
    plain = all_draws(panel, spec)
    scaled = all_draws(panel.assign(y=1000 * panel["y"] + 5, x1=panel["x1"] / 7), spec)
    np.testing.assert_allclose(scaled["estimate"], 1000 * plain["estimate"], rtol=1e-9)
    np.testing.assert_allclose(scaled["se"], 1000 * plain["se"], rtol=1e-9)
    np.testing.assert_allclose(scaled["p"], plain["p"], rtol=1e-9)


def test_hash_seed_changes_no_byte() -> None:
    """Two interpreters with different string hashing; pyfixest, whose last bits depend on it, is left out."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from placebo_panels import BASE, make_panel\n"
        "from test_placebo_draws import ENGINES, all_draws, digest\n"
        "panel = make_panel(balanced=False)\n"
        "print([digest(all_draws(panel, {**BASE, **ENGINES[e], 'draws': 10})) for e in list(ENGINES)[:3]])\n"
    )
    here = Path(__file__).parent
    command = [sys.executable, "-c", code, str(here)]
    outputs = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].count("'") == 6


def test_a_missing_or_doubled_draw_is_an_error() -> None:
    panel, spec = make_panel(), {**BASE, "draws": 30, "chunk": 10}
    parts = [placebo.draw_chunk(panel, spec, INFO, first, last) for first, last in placebo.chunks(spec, INFO)]
    with pytest.raises(EstimationError, match="10 of 30 placebo draws are missing, the first is draw 10"):
        gather([parts[0], parts[2]], 30)
    with pytest.raises(EstimationError, match="40 placebo draws of 'policy' were gathered, but 30"):
        gather([*parts, parts[0]], 30)
    with pytest.raises(EstimationError, match="none of the 30 placebo draws is there"):
        gather([], 30)
    fit = placebo.fit_observed(panel, spec, INFO)
    with pytest.raises(EstimationError, match="first is draw 20"):
        placebo.summarise(parts[:2], fit, spec, INFO)


MEAN_DIFFERENCE = '''
"""Difference of means; it refuses draws that treat unit c001."""

import numpy as np
from shidian.errors import EstimationError
from shidian.estimates import Fit

ESTIMATOR = {"words": "difference of means", "about": "difference of means", "options": {"se": {"type": "number"}}}


def refit(panel, spec, treatment):
    if panel.loc[panel["unit"] == "c001", treatment].any():
        raise EstimationError("unit c001 may not be treated")
    treated = panel[treatment] == 1
    difference = panel.loc[treated, "y"].mean() - panel.loc[~treated, "y"].mean()
    variance = spec["options"]["se"] ** 2
    return Fit((treatment,), np.array([difference]), np.array([[variance]]), np.inf, len(panel), 40)
'''


@pytest.fixture
def own_estimator(tmp_path: Path) -> Iterator[None]:
    """An extension with one estimator."""
    (tmp_path / "estimators").mkdir()
    (tmp_path / "estimators" / "mean_difference.py").write_text(MEAN_DIFFERENCE, encoding="utf-8")
    with using([tmp_path]):
        yield


@pytest.mark.usefixtures("own_estimator")
def test_an_estimator_of_an_extension_is_run_draw_by_draw() -> None:
    panel = make_panel()
    spec = {**BASE, "estimator": "mean_difference", "options": {"se": 0.25}, "draws": 60, "mode": "random"}
    draws = all_draws(panel, spec)
    refused = draws["status"] == "unit c001 may not be treated"
    assert 5 < refused.sum() < 50
    assert draws.loc[refused, ["estimate", "se", "statistic", "p"]].isna().all(axis=None)
    kept = draws.loc[~refused]
    assert (kept["status"] == "ok").all()
    np.testing.assert_allclose(kept["statistic"], kept["estimate"] / 0.25)
    fit = placebo.fit_observed(panel, spec, INFO)
    treated = panel["policy"] == 1
    assert fit.coef[0] == pytest.approx(panel.loc[treated, "y"].mean() - panel.loc[~treated, "y"].mean())
    result = placebo.summarise(draws, fit, spec, INFO)
    note = f"{refused.sum()} of 60 draws gave no estimate and are left out there: unit c001 may not be treated."
    assert note in result.notes


def test_an_unknown_estimator_names_the_nearest() -> None:
    with pytest.raises(EstimationError, match=r"no placebo estimator 'feol' \(did you mean 'feols'\?\)"):
        find_entry("feol")


def test_a_file_of_draws_keeps_what_is_behind_its_statuses(tmp_path):
    status = np.array([OK, say("no control is left in {year}", year=2004)], dtype=object)
    drawn = tidy(np.arange(2), "d", np.array([1.0, np.nan]), np.array([0.5, np.nan]), np.inf, status)
    write_parquet(tmp_path / "draws.parquet", drawn)
    again = pd.read_parquet(tmp_path / "draws.parquet")
    assert again.attrs[MESSAGES] == {
        "no control is left in 2004": {"say": {"": "no control is left in {year}", "year": 2004}}
    }
