"""Bases of LP-DID under anticipation and unlinked sets; what is said of references and of cohorts left out."""

import pandas as pd
from shidian.did.lp_did import event_bases
from shidian.did.staggered import design, estimate

from tests.did.simulate import exact_panel


def test_anticipation_moves_the_base_of_every_year() -> None:
    panel = exact_panel([2004, 2004, None, None], range(2001, 2008), anticipation=1)
    assert event_bases(panel) == {2002: 2001, 2003: 2002, 2004: 2003, 2005: 2004, 2006: 2005, 2007: 2006}
    assert event_bases(panel, 1) == {2003: 2001, 2004: 2002, 2005: 2003, 2006: 2004, 2007: 2005}


def test_a_part_of_a_cohort_without_a_base_takes_none_from_the_rest() -> None:
    panel = exact_panel([2004, 2004, None, None], range(2001, 2008))
    early = (panel["unit"] == panel["unit"].iloc[0]) & panel["year"].isin([2005, 2006, 2007])
    late = (panel["unit"] == panel["unit"].unique()[1]) & panel["year"].isin([2001, 2002, 2003, 2004])
    assert event_bases(panel[~early & ~late])[2004] == 2003


def sentences(name: str, panel: pd.DataFrame, window: tuple[int, int]) -> list[str]:
    return list(estimate(name, design(panel, "y", [], window)).sentences)


def test_the_usual_reference_of_the_leads_is_not_said() -> None:
    panel = exact_panel([2004] * 4 + [2006] * 3 + [None] * 5, range(1999, 2009))
    assert estimate("imputation", design(panel, "y", [], (-3, 2))).remarks == ()


def test_one_cohort_is_a_cohort_and_two_are_cohorts() -> None:
    starts = [2004] * 4 + [None] * 5
    one = exact_panel([2009, *starts], range(1999, 2010))
    two = exact_panel([2008, 2009, *starts], range(1999, 2010))
    said = [next(s for s in sentences("stacked", p, (-3, 3)) if s.startswith("Left out")) for p in (one, two)]
    assert "cohort 2009" in said[0]
    assert "cohorts 2008, 2009" in said[1]
