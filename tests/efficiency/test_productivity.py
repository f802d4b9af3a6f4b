"""Productivity indices: Wang & Lan (2011), 31 provinces 2005-2009, as R's deaR computes them; properties."""

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import (
    build_technology,
    global_malmquist_luenberger,
    malmquist,
    malmquist_luenberger,
    super_sbm,
)
from shidian.efficiency.distance import directional, radial_input
from shidian.errors import EstimationError

from tests.efficiency.technologies import POWER_PLANTS, TONE_2001, random_technology

ML_DATA = np.array(
    [
        [10, 11.27, 8.96, 7],
        [8.34, 6.73, 10.24, 17.09],
        [8.21, 7.8, 12.16, 11.53],
        [10.43, 6.89, 9.88, 13.21],
        [5.84, 8.33, 4.67, 5.97],
        [4.79, 9.1, 6.02, 11.15],
        [10.65, 9.28, 4.04, 8.06],
        [9.81, 10.46, 5.99, 8.26],
        [6.76, 7.24, 16.89, 7.24],
        [9.87, 14.24, 8.75, 9.56],
        [10.45, 10.26, 6.77, 10.31],
        [17.22, 5.39, 15.59, 10.49],
        [7.74, 22.26, 16.57, 6.19],
        [10.3, 12.59, 11.33, 13.14],
        [9.74, 13.06, 21.71, 7.63],
        [10.85, 8.31, 12.85, 6.22],
        [7.93, 9.25, 17.5, 15.81],
        [5.89, 7.28, 15.82, 4.51],
    ]
)  # x1, x2, y, b of six units in 2010, 2011, 2012


@pytest.fixture
def provinces(reference):
    wide = pd.read_csv(reference / "dea_Economy.csv")
    long = pd.wide_to_long(wide, ["Capital", "Labor", "GIOV"], i="DMUs", j="year").reset_index()
    return build_technology(["Capital", "Labor"], ["GIOV"], data=long, unit="DMUs", year="year")


def panel(n=12, years=4, counts=(2, 1, 1), seed=0, growth=0.1):
    blocks = [random_technology(n, counts, seed + y) for y in range(years)]
    x, y, b = (np.vstack(part) for part in zip(*blocks, strict=True))
    year = np.repeat(np.arange(2010, 2010 + years), n)
    return x, y * np.exp(growth * (year - 2010))[:, None], b, np.tile(np.arange(n), years), year


def technology(**options):
    x, y, b, unit, year = panel(**options)
    return build_technology(x, y, b, unit=unit, year=year)


def test_malmquist_of_31_provinces(provinces):
    index = malmquist(provinces).index.set_index(["unit", "year"])["index"]
    expected = {
        "Beijing": [1.17803553379, 1.15657275021, 1.04313098077, 1.08626912373],
        "Tianjin": [1.191293359565, 1.097096349656, 1.087371231909, 0.983534949911],
    }
    for province, values in expected.items():
        np.testing.assert_allclose(index[province].dropna(), values, rtol=1e-10)


def test_radial_scores_of_tone_2001_and_beyond_the_frontier():
    data = TONE_2001[["x1", "x2", "y1", "y2"]].to_numpy(float)
    counts = build_technology(data[:, :2], data[:, 2:]).counts
    np.testing.assert_allclose(radial_input(data, data, counts, "crs"), [0.9, 0.833333333333, 1, 1, 1], rtol=1e-10)
    plants = POWER_PLANTS.drop(columns="unit").to_numpy(float)
    counts = build_technology(plants[:, :4], plants[:, 4:]).counts
    beyond = [radial_input(np.delete(plants, o, 0), plants[[o]], counts, "crs")[0] for o in range(6)]
    andersen_petersen = [1.02825412896, 2.41666666667, 1.3125, 1.625, 2.40256959315, 1.0627885126]
    np.testing.assert_allclose(beyond, andersen_petersen, rtol=1e-10)


def test_directional_distance_by_hand_and_engines_agree():
    # one input: on the ray of (y, b) = (2, 1) the point (1, 1) can move to (1 + beta, 1 - beta) = (4/3, 2/3)
    reference, point = np.array([[1.0, 2.0, 1.0]]), np.array([[1.0, 1.0, 1.0]])
    counts = build_technology([[1.0]], [[2.0]], [[1.0]]).counts
    assert directional(reference, point, counts, "crs")[0] == pytest.approx(1 / 3, rel=1e-12)
    x, y, b = (np.asarray(v) for v in random_technology(40, (2, 2, 1), 1))
    old, new = np.hstack([x, y, b]), np.hstack(random_technology(40, (2, 2, 1), 2))
    counts = build_technology(x, y, b).counts
    for returns in ("crs", "vrs"):
        fast = directional(old, new, counts, returns, "fast")
        np.testing.assert_allclose(fast, directional(old, new, counts, returns, "highs"), rtol=1e-9, atol=1e-9)
    assert (directional(old, old, counts, "crs") >= -1e-10).all()


def test_malmquist_luenberger_as_computed_by_deapack():
    # deapack 2.0.1, MalmquistLuenbergerProductivityIndex: Chung, Faere & Grosskopf (1997), three pairs infeasible
    unit, year = np.tile(np.arange(6), 3), np.repeat([2010, 2011, 2012], 6)
    data = build_technology(ML_DATA[:, :2], ML_DATA[:, 2:3], ML_DATA[:, 3:], unit=unit, year=year)
    result = malmquist_luenberger(data)
    index = result.index.set_index(["year", "unit"]).sort_index()
    expected = {
        2011: [0.738794420713, 0.897627159274, 1.538827571177, 1.000571233130, 0.946842583184, np.nan],
        2012: [1.651353652465, 1.038583845437, 0.938125975496, 1.306350497419, np.nan, np.nan],
    }
    for y, values in expected.items():
        np.testing.assert_allclose(index.loc[y, "index"], values, rtol=1e-11)
    change = [0.607429918007, 0.655426724984, 1.0, 0.751973268870, 0.782202866879]
    np.testing.assert_allclose(index.loc[2011, "efficiency_change"][:5], change, rtol=1e-11)
    assert result.counts["a directional distance is infeasible"] == 3


def test_gml_is_its_definition_on_scores_and_circular():
    x, y, b, unit, year = panel()
    data = build_technology(x, y, b, unit=unit, year=year)
    index = global_malmquist_luenberger(data).index.set_index(["unit", "year"])
    labels = {"unit": unit, "year": year, "super_efficiency": False}
    pooled = super_sbm(x, y, b, frontier="global", **labels).scores().set_index(["unit", "year"])["score"]
    own = super_sbm(x, y, b, **labels).scores().set_index(["unit", "year"])["score"]
    for u in (0, 5):
        assert index.loc[(u, 2011), "index"] == pytest.approx(pooled[u, 2011] / pooled[u, 2010], rel=1e-12)
        assert index.loc[(u, 2012), "efficiency_change"] == pytest.approx(own[u, 2012] / own[u, 2011], rel=1e-12)
        assert index.loc[(u, 2013), "level"] == pytest.approx(pooled[u, 2013] / pooled[u, 2010], rel=1e-12)
    inside = index.dropna(subset="index")
    np.testing.assert_allclose(inside["efficiency_change"] * inside["technical_change"], inside["index"], rtol=1e-12)


@pytest.mark.parametrize("measured", [global_malmquist_luenberger, malmquist_luenberger])
def test_no_change_gives_one_and_growth_of_the_technology_more(measured):
    x, y, b = random_technology(20, (2, 1, 1), 4)
    still = [np.vstack([block, block]) for block in (x, y, b)]
    labels = {"unit": np.tile(np.arange(20), 2), "year": np.repeat([2010, 2011], 20)}
    index = measured(build_technology(*still, **labels)).index["index"].dropna()
    np.testing.assert_allclose(index, 1.0, rtol=1e-10)
    better = [np.vstack([x, x]), np.vstack([y, 1.2 * y]), np.vstack([b, b])]
    grown = measured(build_technology(*better, **labels)).index.dropna(subset="index")
    assert (grown["index"] > 1).all()
    np.testing.assert_allclose(grown["efficiency_change"], 1.0, rtol=1e-9)


def test_first_years_are_one_or_lost():
    data = technology()
    kept, lost = (global_malmquist_luenberger(data, first_year=rule).index for rule in ("one", "lost"))
    assert (len(kept), len(lost)) == (48, 36)
    assert (kept.loc[kept["reason"] == "first year", "level"] == 1.0).all()
    pd.testing.assert_series_equal(lost["level"], kept.loc[kept["year"] > 2010, "level"], check_index=False)


def test_infeasible_pairs_are_counted_and_break_the_chain():
    result = malmquist_luenberger(technology(n=25, seed=3, growth=0.5))
    reason = "a directional distance is infeasible"
    missing = result.index[result.index["reason"] == reason]
    assert result.counts["pairs"] == 75
    assert result.counts[reason] == len(missing) > 0
    assert result.ledger[0]["rows"] == len(missing)
    for unit, year in zip(missing["unit"], missing["year"], strict=True):
        after = result.index[(result.index["unit"] == unit) & (result.index["year"] >= year)]
        assert after["level"].isna().all()


def test_a_unit_without_the_year_before_has_no_index():
    x, y, b, unit, year = panel()
    kept = ~((unit == 3) & (year == 2011))
    data = build_technology(x[kept], y[kept], b[kept], unit=unit[kept], year=year[kept])
    result = global_malmquist_luenberger(data)
    row = result.index.query("unit == 3 and year == 2012").iloc[0]
    assert np.isnan(row["index"])
    assert row["reason"] == "no row in the year before"
    assert result.counts["no row in the year before"] == 1


@pytest.mark.parametrize("measured", [global_malmquist_luenberger, malmquist_luenberger])
def test_a_year_that_is_absent_for_all_is_no_pair_of_two_years(measured):
    x, y, b, unit, year = panel(years=5)
    there = year != 2012
    data = build_technology(x[there], y[there], b[there], unit=unit[there], year=year[there])
    result = measured(data)
    missing = "no row in the year before"
    late = result.index[result.index["year"] == 2013]
    assert late["index"].isna().all()
    assert (late["reason"] == missing).all()
    assert result.counts[missing] == 12
    assert result.counts["pairs"] == 24
    assert result.ledger[-1]["rows"] == 12
    assert result.index.loc[result.index["year"] >= 2013, "level"].isna().all()
    full = measured(build_technology(x, y, b, unit=unit, year=year)).index.set_index(["unit", "year"])["index"]
    if measured is malmquist_luenberger:  # yearly frontiers: the pairs that are there do not see the absent year
        kept = result.index.set_index(["unit", "year"])["index"].dropna()
        np.testing.assert_allclose(kept, full[kept.index], rtol=1e-12)
        assert set(kept.index.get_level_values("year")) == {2011, 2014}


def test_bad_input_is_refused():
    x, y, b, unit, year = panel()
    data = build_technology(x, y, b, unit=unit, year=year)
    with pytest.raises(EstimationError, match="knows no undesirable outputs"):
        malmquist(data)
    with pytest.raises(EstimationError, match="needs undesirable outputs"):
        malmquist_luenberger(build_technology(x, y, unit=unit, year=year))
    with pytest.raises(EstimationError, match="at least two years"):
        global_malmquist_luenberger(build_technology(x, y, b))
    with pytest.raises(EstimationError, match="no two of the years follow each other: 2010, 2012, 2014, 2016"):
        global_malmquist_luenberger(build_technology(x, y, b, unit=unit, year=2 * year - 2010))
    with pytest.raises(EstimationError, match="first_year must be"):
        global_malmquist_luenberger(data, first_year="zero")
    with pytest.raises(EstimationError, match="returns 'cr' is not one of"):
        malmquist_luenberger(data, returns="cr")
