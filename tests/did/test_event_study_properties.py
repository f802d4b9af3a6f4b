"""Event studies of random panels without noise: what is printed is the truth, or a dash or a refusal with its reason.

Gaps, cohorts of one, lost years, two-yearly years, samples without never-treated units; the rank of the dummies is
counted by hand, with every fixed effect written out.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from shidian.did.event_study import UNOBSERVED, EventStudy, Window, fit_event_study
from shidian.errors import EstimationError

from tests.did.simulate import exact_panel

BY_UNIT = {"kind": "cluster", "by": "unit"}
EFFECTS = ["unit", "year"]
SAME = {"abs": 1e-6, "rel": 1e-6}


@dataclass(frozen=True)
class Drawn:
    """A panel without noise, the window asked for, and the true effect at each relative time."""

    panel: pd.DataFrame
    window: Window
    dynamic: bool

    def truth(self, tau: int) -> float:
        return 0.0 if tau < -self.window.anticipation else effect(tau, self.dynamic)


def effect(tau: int, dynamic: bool) -> float:
    return 1.0 + 0.3 * tau + 0.05 * tau**2 if dynamic else 1.5


@st.composite
def drawn(draw) -> Drawn:
    last = draw(st.integers(5, 9))
    step = draw(st.sampled_from([1, 1, 1, 2]))
    years = [2000 + t for t in range(0, last + 1, step)]
    if step == 1 and draw(st.booleans()):
        years.remove(draw(st.sampled_from(years[1:-1])))
    never = draw(st.integers(0, 3))
    cohorts = draw(st.lists(st.integers(1999, 2000 + last), min_size=1, max_size=4, unique=True))
    sizes = draw(st.lists(st.integers(1, 3), min_size=len(cohorts), max_size=len(cohorts)))
    starts = [g for g, n in zip(cohorts, sizes, strict=True) for _ in range(n)] + [None] * never
    cells = [(i, t) for i in range(len(starts)) for t in years]
    lost = draw(st.lists(st.sampled_from(cells), max_size=len(cells) // 4, unique=True))
    k = draw(st.sampled_from([0, 0, 0, 1, 2]))
    dynamic = draw(st.booleans())
    if dynamic:  # every period of its own, or the rows outside dropped: a bin has no one effect
        ends = draw(st.sampled_from(["bin", "drop"]))
        window = (-12, 12) if ends == "bin" else (draw(st.integers(-6, -1 - k)), draw(st.integers(0, 6)))
    else:
        ends = draw(st.sampled_from(["bin", "drop", "omit_before"]))
        window = (draw(st.integers(-6, -1 - k)), draw(st.integers(0, 6)))
    reference = (-1 - k,) if ends != "omit_before" or draw(st.booleans()) else ()
    panel = exact_panel(starts, years, lambda tau: effect(tau, dynamic), lost, k)
    return Drawn(panel, Window(*window, reference, ends, k), dynamic)


def fitted(case: Drawn) -> EventStudy | None:
    """Return the event study, None where it is refused in one clear line."""
    try:
        return fit_event_study(case.panel, "y", [], EFFECTS, case.window, BY_UNIT)
    except EstimationError as error:
        refusal = str(error)
    event(f"refused: {refusal.split(':')[0][:40]}")
    assert not any(text in refusal for text in ("\n", "np.", "nan"))
    assert "cannot be told apart" not in refusal or not after_is_identified(case)
    return None


def after_is_identified(case: Drawn) -> bool:
    """Count by hand: the dummies from adoption and its anticipation on add their number to the rank of the effects."""
    rows = used_rows(case)
    placed = case.window.place(rows["tau"].to_numpy())
    times = sorted({t for t in placed[~np.isnan(placed)] if -case.window.anticipation <= t <= case.window.last})
    fixed = dummies(rows, EFFECTS)
    after = np.column_stack([placed == t for t in times]).astype(float)
    return rank(np.hstack([fixed, after])) == rank(fixed) + len(times)


def used_rows(case: Drawn) -> pd.DataFrame:
    rows = case.panel.assign(tau=(case.panel["year"] - case.panel["adoption_year"]).astype("float64"))
    rows = rows[rows["y"].notna()]
    if case.window.ends == "drop":
        rows = rows[rows["tau"].isna() | rows["tau"].between(case.window.first, case.window.last)]
    while True:
        size = [rows.groupby(name)[name].transform("size") for name in EFFECTS]
        kept = rows[(size[0] > 1) & (size[1] > 1)]
        if len(kept) == len(rows):
            return rows
        rows = kept


def dummies(rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    return np.hstack([pd.get_dummies(rows[name]).to_numpy(dtype=float) for name in names])


def rank(columns: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(columns, tol=1e-8))


def checks(examples: int):
    """Return the settings of a property: the same examples in every run."""
    slow = [HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, suppress_health_check=slow, derandomize=True)


@checks(150)
@given(drawn())
def test_what_is_printed_is_the_truth_and_no_effect_is_set_to_zero(case):
    study = fitted(case)
    if study is None:
        return
    event("second normalisation" if study.normalisation.second else "one normalisation")
    for row in study.effects[study.effects["estimate"].notna()].to_dict("records"):
        assert row["estimate"] == pytest.approx(case.truth(row["tau"]), **SAME), row["tau"]
    assert (study.effects.loc[study.effects["estimate"].isna(), "reason"] != "").all()
    the_base_is_observed(study, case)
    no_period_after_adoption_is_left_out(study)
    what_is_left_out_is_not_identified(study, case)


def the_base_is_observed(study: EventStudy, case: Drawn) -> None:
    base = study.effects[study.effects["is_reference"]]
    assert (base["n_treated"] > 0).all()
    assert (base["tau"] < -study.window.anticipation).all()
    assert len(base) or case.window.ends == "omit_before"


def no_period_after_adoption_is_left_out(study: EventStudy) -> None:
    after = study.effects[study.effects["tau"] >= -study.window.anticipation]
    assert not set(after["tau"]) & set(study.normalisation.second)
    reasons = after.loc[after["estimate"].isna(), "reason"]
    assert all(why == UNOBSERVED or why.startswith(("absorbed by", "constant in")) for why in reasons)


def what_is_left_out_is_not_identified(study: EventStudy, case: Drawn) -> None:
    """Against the rank of all dummies: the reasons are true, and each second normalisation is needed."""
    rows, window, used = study.effects, study.window, used_rows(case)
    placed, fixed = window.place(used["tau"].to_numpy()), dummies(used, EFFECTS)
    dummy = {t: (placed == t).astype(float)[:, None] for t in rows["tau"]}
    for tau in rows.loc[rows["estimate"].isna() & rows["reason"].str.startswith("absorbed by"), "tau"]:
        assert rank(np.hstack([fixed, dummy[tau]])) == rank(fixed)
    kept = rows.loc[rows["estimate"].notna() & ~rows["is_reference"], "tau"].tolist()
    columns = np.hstack([fixed, *(dummy[t] for t in kept)])
    assert rank(columns) == rank(fixed) + len(kept)
    for tau in study.normalisation.second:
        assert rank(np.hstack([columns, dummy[tau]])) == rank(columns)
    if study.pretrend is not None:
        assert study.pretrend.df1 == sum(t < -window.anticipation for t in kept)


@checks(50)
@given(drawn(), st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(case, random):
    order = list(range(len(case.panel)))
    random.shuffle(order)
    names = sorted(case.panel["unit"].unique())
    renamed = dict(zip(names, random.sample([f"n{i}" for i in range(len(names))], len(names)), strict=True))
    moved = case.panel.iloc[order].reset_index(drop=True)
    moved = moved.assign(
        unit=moved["unit"].map(renamed), year=moved["year"] + 17, adoption_year=moved["adoption_year"] + 17
    )
    study, other = fitted(case), fitted(Drawn(moved, case.window, case.dynamic))
    assert (study is None) == (other is None)
    if study is None or other is None:
        return
    assert study.window == other.window
    assert study.normalisation.second == other.normalisation.second
    columns = ["tau", "is_reference", "n_treated", "reason"]
    pd.testing.assert_frame_equal(study.effects[columns], other.effects[columns])
    np.testing.assert_allclose(study.effects["estimate"], other.effects["estimate"], rtol=1e-8, atol=1e-8)
