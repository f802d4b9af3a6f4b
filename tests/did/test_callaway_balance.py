"""Callaway & Sant'Anna on a panel with gaps, under each ``balance``, against csdid 0.4.3 and diff-diff."""

import numpy as np
import pandas as pd
import pytest
from shidian.did import group_time_averages as averages
from shidian.did.callaway_santanna import group_time_effects
from shidian.did.staggered import design, estimate
from shidian.errors import EstimationError

CSDID = {
    ("never_treated", False, 0): {
        "simple": (1.5599455193063074, 0.1259344759903137), 0: (1.1073784765729144, 0.14170478637422257),
        -3: (-0.13278065818145124, 0.13527677618874834), (2006, 2008): (1.387187525670548, 0.25980740299456945),
    },
    ("never_treated", False, 1): {
        "simple": (1.4715388884279081, 0.13190288688575755), 0: (1.028165304053188, 0.12809728985059252),
        3: (1.9097863931223098, 0.1858373830550165), (2004, 2001): (-0.39268101659562493, 0.3527931367411787),
    },
    ("never_treated", True, 0): {
        "simple": (1.5812292605734344, 0.12314087211105389), 0: (1.0893855466767886, 0.1271782975832329),
        -3: (-0.0640583289975187, 0.13052159430705496), (2007, 2009): (1.6699518835613127, 0.1385096062043391),
    },
    ("never_treated", True, 1): {
        "simple": (1.50838481663573, 0.12124345878374054), -3: (-0.12138789894951163, 0.1429359678518802),
        3: (1.9439440484033546, 0.17364590750334677), (2006, 2008): (1.5955743866494416, 0.1944215086604355),
    },
    ("not_yet_treated", False, 0): {
        "simple": (1.5513471429956476, 0.11949981967078044), -3: (-0.06467154465701226, 0.12864146359644815),
        0: (1.1118236653351732, 0.14002085819232893), (2004, 2001): (-0.08348832250267388, 0.1938912466129452),
    },
    ("not_yet_treated", False, 1): {
        "simple": (1.4713070749611594, 0.12973078483286413), 0: (1.0184483472408146, 0.14201440302309337),
        -3: (-0.14768075228774377, 0.12327376310396916), (2004, 2001): (-0.22533882481780787, 0.2452529133611405),
    },
    ("not_yet_treated", True, 0): {
        "simple": (1.5738419910623662, 0.11608254487315323), 3: (1.9991826092157479, 0.17375465137104365),
        0: (1.0760471052322476, 0.12922405192780098), (2004, 2001): (-0.06939962983094732, 0.19863484071244866),
    },
    ("not_yet_treated", True, 1): {
        "simple": (1.5124395649660514, 0.12030138380461278), 0: (1.0216350894592063, 0.13573256763765054),
        -3: (-0.05760514177935816, 0.11464204639683499), (2004, 2001): (-0.15070245560928489, 0.23758175826504574),
    },
}  # fmt: skip
"""(control group, with x, anticipation) -> att and se by csdid 0.4.3 on ``gappy()``: ATTgt(panel=True,
allow_unbalanced_panel=True).fit(est_method="dr", base_period="universal", bstrap=False), aggte simple and dynamic."""


@pytest.fixture(scope="module")
def gappy():
    """48 units in four groups by formula, a ninth of the rows missing, none of whose numbers is random."""
    rows = []
    for i in range(48):
        g = [2004, 2006, 2007, 0][i % 4]
        for t in range(2001, 2010):
            if (7 * i + 11 * t + i * t) % 9 == 0:
                continue
            x = np.cos(0.9 * i) + 0.1 * (t - 2005) * np.sin(i)
            gain = 1 + 0.3 * (t - g) if g and t >= g else 0
            e = 0.5 * np.sin(3.0 * i + 2.0 * (t - 2000) * (1 + i % 5))
            rows.append((i, t, g, x, np.sin(1.7 * i + 0.3) + 0.2 * (t - 2001) + gain + 0.5 * x + e, i % 12))
    frame = pd.DataFrame(rows, columns=["unit", "year", "g", "x", "y", "block"])
    return frame.assign(adoption_year=frame["g"].where(frame["g"] > 0).astype("Int64"), same=frame["unit"])


@pytest.mark.parametrize("key", list(CSDID))
def test_repeated_cross_sections_are_those_of_csdid(gappy, key):
    control, covariates, anticipation = key
    effects = group_time_effects(
        gappy, "y", ["x"] if covariates else [], control, "universal", None, anticipation, repeated=True
    )
    dynamic = averages.dynamic(effects)
    found = {"simple": averages.simple(effects)}
    found |= dict(zip(dynamic.labels, zip(dynamic.att, dynamic.se, strict=True), strict=True))
    cells = effects.cells.set_index(["group", "year"])
    found |= {cell: tuple(cells.loc[cell, ["att", "se"]]) for cell in cells.index}
    for name, expected in CSDID[key].items():
        assert found[name] == pytest.approx(expected, abs=1e-10), name


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize(("cluster", "clusters"), [("same", 48), ("block", 12)])
@pytest.mark.parametrize("anticipation", [0, 1])
def test_pairs_are_those_of_diff_diff(gappy, control, cluster, clusters, anticipation):
    """Each comparison on the units observed in both years; diff-diff's clustered errors have G/(G-1) in them."""
    from diff_diff import CallawaySantAnna

    effects = group_time_effects(gappy, "y", [], control, "universal", cluster, anticipation)
    peer = CallawaySantAnna(
        control_group=control, base_period="universal", cluster=cluster, anticipation=anticipation
    ).fit(gappy, "y", "unit", "year", "g")
    factor = np.sqrt((clusters - 1) / clusters)
    cells = effects.cells.set_index(["group", "year"])
    for cell, numbers in peer.group_time_effects.items():
        assert cells.loc[cell, "att"] == pytest.approx(numbers["effect"], abs=1e-12)
        if numbers["se"] > 0:
            assert cells.loc[cell, "se"] == pytest.approx(numbers["se"] * factor, abs=1e-12)
    dynamic, table = averages.dynamic(effects), peer.aggregate("event_study").to_dataframe().set_index("event_time")
    for label, att, se in zip(dynamic.labels, dynamic.att, dynamic.se, strict=True):
        assert (att, se) == pytest.approx((table.loc[label, "att"], table.loc[label, "se"] * factor), abs=1e-12)
    if not anticipation:  # with it, diff-diff's overall effect has the years of anticipation in it
        simple = (peer.overall_att, peer.overall_se * factor)
        assert averages.simple(effects) == pytest.approx(simple, abs=1e-12)


def test_all_three_are_the_same_without_gaps_and_covariates(castle):
    found = [
        estimate("callaway_santanna", design(castle, "l_homicide", [], (-4, 3), balance=balance))
        for balance in ("full", "pair", "none")
    ]
    for other in found[1:]:
        assert (other.att, other.att_se) == pytest.approx((found[0].att, found[0].att_se), abs=1e-12)
        assert other.event["se"].to_numpy() == pytest.approx(found[0].event["se"].to_numpy(), abs=1e-12)
    assert (found[0].att, found[0].att_se) == pytest.approx((0.019403, 0.038389), abs=1e-6)


def test_what_each_balance_uses_is_counted_and_said(gappy):
    full, pair, none = (
        estimate("callaway_santanna", design(gappy, "y", [], (-3, 2), balance=balance))
        for balance in ("full", "pair", "none")
    )
    size = gappy.groupby("unit")["year"].size()
    assert full.n_units == (size == 9).sum()
    assert full.n_obs == 9 * full.n_units
    (left,) = full.left_out
    assert (left.units, left.rows) == (48 - full.n_units, size[size < 9].sum())
    assert any(s.startswith(f"Left out, not observed in every year: {left.units} units") for s in full.sentences)
    assert pair.n_units + sum(part.units for part in pair.left_out) == 48
    assert (none.n_units, none.n_obs) == (48, len(gappy))
    assert any(s.startswith("Repeated cross sections of units with gaps") for s in none.sentences)


def test_covariates_that_cannot_be_used_are_named(gappy):
    panel = gappy.assign(flat=3.3)
    for repeated in (False, True):
        cells = group_time_effects(panel, "y", ["flat"], repeated=repeated).cells
        assert cells.loc[~cells["is_base"], "reason"].str.startswith("the covariates are constant or collinear").all()
    for periods in (2, 3):
        with pytest.raises(EstimationError, match="changes within units"):
            group_time_effects(gappy.assign(block=gappy["year"] % periods), "y", cluster="block")


def test_the_joint_test_before_adoption_is_the_same_in_any_unit_of_the_outcome(gappy):
    usual = averages.pretest(group_time_effects(gappy, "y", base_period="universal", repeated=True))
    for unit in (1e-8, 1e8):
        scaled = group_time_effects(gappy.assign(y=unit * gappy["y"]), "y", base_period="universal", repeated=True)
        assert averages.pretest(scaled).statistic == pytest.approx(usual.statistic, rel=1e-6)


@pytest.mark.parametrize("repeated", [False, True])
def test_units_of_covariates_do_not_matter(castle, repeated):
    """A small covariate beside a large one stays in the logit and in the regression of the controls."""
    covariates = ["l_police", "poverty"]
    plain = group_time_effects(castle, "l_homicide", covariates, "not_yet_treated", repeated=repeated).cells
    other = castle.assign(l_police=castle["l_police"] * 1e12, poverty=castle["poverty"] * 1e-12)
    found = group_time_effects(other, "l_homicide", covariates, "not_yet_treated", repeated=repeated).cells
    assert plain["att"].notna().any()
    for name in ("att", "se"):
        assert found[name].to_numpy() == pytest.approx(plain[name].to_numpy(), rel=1e-6, nan_ok=True)


def test_units_counted_are_those_seen_in_both_years() -> None:
    rng = np.random.default_rng(4)
    units, years = np.repeat(np.arange(12), 4), np.tile(np.arange(2001, 2005), 12)
    panel = pd.DataFrame({"unit": units.astype(str), "year": years, "y": rng.normal(size=48)})
    panel["adoption_year"] = pd.array(np.where(units < 5, 2003, 0), dtype="Int64")
    panel.loc[units >= 5, "adoption_year"] = pd.NA
    panel = panel[
        ~((panel["unit"] == "0") & (panel["year"] == 2002)) & ~((panel["unit"] == "9") & (panel["year"] == 2004))
    ]
    cells = group_time_effects(panel, "y").cells.set_index(["group", "year"])
    assert cells.loc[(2003, 2003), ["n_treated", "n_control"]].tolist() == [4, 7]
    assert cells.loc[(2003, 2004), ["n_treated", "n_control"]].tolist() == [4, 6]
