"""Codes that lost their leading zeros in one of two files that join by code."""

import pandas as pd
import pytest
from shidian.errors import PanelError

from tests.study.built_study import built_study, flat_source

UNIT = {"level": "other", "code": "fips", "code_kind": "plain"}
STUDY = {
    "study": "counties", "title": "Counties", "unit": {"label": "county"}, "years": {"first": 2001, "last": 2002},
    "sources": {"deaths": {"role": "frame"}, "jobs": {"join": "code"}}, "regressor": "work",
    "variables": {"rate": "deaths", "work": "jobs"}, "outcome": "rate", "controls": [],
    "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe",
    "exhibits": [{"id": "d", "kind": "descriptives", "variables": ["rate", "work"]}],
}  # fmt: skip


def joined(tmp_path, deaths, jobs):
    tables = [
        pd.DataFrame({"fips": codes, "year": year, name: range(1, len(codes) + 1)}).assign(year=year)
        for name, codes, year in (("deaths", deaths, 2001), ("jobs", jobs, 2001))
    ]
    sources = [(flat_source(name, UNIT, {name: "1"}, "year"), table)
               for name, table in zip(("deaths", "jobs"), tables, strict=True)]  # fmt: skip
    built = built_study(tmp_path, STUDY, sources)
    return built.panel.frame.set_index("unit")["work"].dropna().to_dict(), built.panel.ledger


@pytest.mark.parametrize("printed", [["1001", "0213", "40001"], ["01001", "213", "40001"]])
def test_codes_match_without_them(tmp_path, printed):
    other = ["01001", "213", "40001"] if printed[0] == "1001" else ["1001", "0213", "40001"]
    work, ledger = joined(tmp_path, printed, other)
    assert work == {code: number for number, code in enumerate(printed, 1)}
    line = ledger[ledger["reason"].str.contains("leading zeros")]
    assert line["units"].tolist() == [2]
    assert "2 of its codes match those of the panel but for leading zeros, such as " in line["reason"].iloc[0]


def test_a_code_that_the_panel_has_is_that_unit_s(tmp_path):
    work, ledger = joined(tmp_path, ["01", "1", "2"], ["1", "2"])
    assert work == {"1": 1, "2": 2}
    assert not ledger["reason"].str.contains("leading zeros").any()


def test_what_may_be_two_units_is_refused(tmp_path):
    with pytest.raises(PanelError, match="'jobs': code 001 may be unit 01 or 1 of the panel"):
        joined(tmp_path, ["01", "1", "2"], ["001", "2"])
    with pytest.raises(PanelError, match="unit 01 has 'jobs' twice in 2001"):
        joined(tmp_path, ["01", "2"], ["01", "1"])
