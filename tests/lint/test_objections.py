"""Designs with one planted fault each: it is named with what to do; a sound design has no objection."""

import numpy as np
import pandas as pd
import pytest
from shidian.exhibits.result import StudyInfo
from shidian.lint.command import objections
from shidian.lint.design import Design

INFO = StudyInfo("made", "city", "did", {"y": "Income", "x": "Size"})
MAIN = {
    "id": "baseline", "kind": "did_table", "outcome": "y", "controls": ["x"], "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe",
}  # fmt: skip


def cities(n: int = 80, years=range(2001, 2011), starts=(2005, 2007, None, None)) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    start = [starts[i % len(starts)] for i in range(n)]
    frame = pd.DataFrame({
        "unit": np.repeat([f"{i:03d}" for i in range(n)], len(years)), "year": np.tile(list(years), n),
        "adoption_year": pd.array(np.repeat([s or 0 for s in start], len(years)), dtype="Int64"),
    })  # fmt: skip
    frame["adoption_year"] = frame["adoption_year"].mask(frame["adoption_year"] == 0)
    frame["did"] = (frame["year"] >= frame["adoption_year"]).fillna(False).astype(float)
    frame["x"] = rng.normal(size=len(frame))
    frame["y"] = 0.5 * frame["did"] + rng.normal(size=len(frame))
    return frame.assign(unit_name="City " + frame["unit"], county=frame["unit"].astype(int) // 2)


def found(panel: pd.DataFrame, **main) -> dict[str, tuple[str, str]]:
    said = objections(Design.of(panel, {**MAIN, **main}, INFO, dated=True))
    assert all(one.what and one.do for one in said)
    return {one.topic: (one.level, one.what) for one in said}


def sound() -> pd.DataFrame:
    return cities(starts=(2005, None))


def test_a_sound_design_has_what_it_could_detect_and_no_objection():
    said = found(sound())
    assert set(said) == {"power"}
    level, what = said["power"]
    assert level == "note"
    assert "standard deviations of Income" in what


def test_the_detectable_effect_is_2_8_standard_errors():
    effect = float(found(sound())["power"][1].split("an effect of ")[1].split(" ")[0])
    from pyfixest import feols

    se = feols("y ~ did + x | unit + year", sound(), vcov={"CRV1": "unit"}).se().iloc[0]
    assert effect == pytest.approx(2.83 * se, rel=0.02)


def drop(rows):
    return lambda panel: panel[~panel.eval(rows)]


FAULTS = {
    "one treated": (lambda p: p.assign(**no_adoption_but(p, ["000"])), "treated", "stop",
                    "treated units: 1 (City 000)"),
    "few treated": (lambda p: p.assign(**no_adoption_but(p, ["000", "002"])), "treated", "warn", "treated units: 2"),
    "no control": (lambda p: cities(starts=(2005, 2007)), "controls", "warn", "the last ones adopt in 2007"),
    "always": (lambda p: cities(starts=(2001, 2005, None, None)), "always treated", "warn", "20 (City 000, City 004,"),
    "cohort of one": (lambda p: p.assign(**moved(p, "000", 2008)), "cohorts", "warn", "a single unit: 2008"),
    "short": (lambda p: cities(starts=(2003, None)), "periods before", "warn",
              "fewer than 3 periods before adoption: 2003"),
    "late": (lambda p: cities(starts=(2010, None)), "periods after", "note", "2010: one period"),
    "gaps": (drop("unit == '001' and year == 2004"), "gaps", "warn", "units with gaps: 1 of 80 (City 001)"),
    "base": (drop("unit == '000' and year == 2004"), "base period", "warn", "1 (City 000)"),
    "all bases": (lambda p: p[(p["year"] != 2004) | p["adoption_year"].isna()], "base period", "stop", "40 "),
    "attrition": (lambda p: p.assign(y=p["y"].mask((p["did"] == 1) & (p["year"] % 2 == 0))), "missing outcome", "warn",
                  "30.0% of the rows of treated units and in 0.0%"),
    "negative weights": (lambda p: cities(starts=(2002, 2002, 2002, 2009)), "two-way effects", "warn",
                         "negatively (sum -"),
    "moved": (lambda p: p.assign(x=p["x"] + 3 * p["did"]), "controls", "warn", "move with the treatment: Size"),
    "fixed": (lambda p: p.assign(x=p["county"] * 1.0), "controls", "warn", "never change in a unit: Size"),
    "few clusters": (lambda p: p[p["unit"] < "030"], "clusters", "warn", "30 clusters (unit)"),
}  # fmt: skip


def no_adoption_but(panel, units):
    kept = panel["unit"].isin(units)
    return {"adoption_year": panel["adoption_year"].where(kept), "did": panel["did"].where(kept, 0.0)}


def moved(panel, unit, year):
    own = panel["unit"] == unit
    return {
        "adoption_year": panel["adoption_year"].mask(own, year),
        "did": panel["did"].mask(own, (panel["year"] >= year).astype(float)),
    }


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_planted_fault_is_named(fault):
    change, topic, level, words = FAULTS[fault]
    said = found(change(sound()))
    assert said[topic][0] == level
    assert words in said[topic][1]


def test_errors_without_clusters_and_below_the_assignment():
    assert found(sound(), vcov={"kind": "hetero"})["clusters"] == ("warn", "errors are not clustered")
    assigned = StudyInfo("made", "firm", "did", assigned_by="county", assigned_column="county")
    said = objections(Design.of(sound(), MAIN, assigned, dated=True))
    assert any("the treatment is assigned by county" in one.what for one in said)


def test_nobody_treated_inside_the_panel_stops():
    said = found(cities(starts=(2020, None)))
    assert said["treated"] == ("stop", "no unit is observed before and after adoption")
