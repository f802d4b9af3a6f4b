"""What stopped a newcomer on the way from a simulated study to real data (docs/going_real.md)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from shidian.drafting.inspect import inspect_workbook
from shidian.drafting.measures import measure_of
from shidian.errors import PanelError, SourceError
from shidian.exhibits.result import ExhibitResult, Figure
from shidian.panel import joined as joining
from shidian.panel.indicators import add_indicators
from shidian.report.files import write_figure_files
from shidian.report.study_report import ExhibitMeta
from shidian.study.model import Indicator
from shidian.yearbook.source import SourceFile, checked_digest


@pytest.mark.parametrize(
    ("header", "measure"),
    [("年末单位从业人员数万人", "万人"), ("在校学生数人", "人"), ("医院卫生院床位数张", "张"),
     ("境内公路总里程公里", "公里"),
     ("人口密度人平方公里", "人/平方公里"), ("行政区域土地面积平方公里", "平方公里"), ("每万人在校大学生数人", ""),
     ("第二产业从业人员比重", ""), ("法人", ""), ("单位从业人员", "")],
)  # fmt: skip
def test_a_measure_behind_a_counted_word_is_read_and_that_of_a_ratio_is_none_of_its_parts(header, measure):
    assert measure_of((header,)) == measure


def test_a_draft_names_its_file_below_the_raw_folder_and_dates_of_a_list_are_years(tmp_path):
    (tmp_path / "lists").mkdir()
    path = tmp_path / "lists" / "pilots.csv"
    path.write_text(
        "city,code,first_year\n北京市,110000,2010\n天津市,120000,2012\n石家庄市,130100,\n", encoding="utf-8"
    )
    said = inspect_workbook(path, raw=tmp_path)
    assert 'path: "lists/pilots.csv"' in said
    assert "It reads" in said
    assert "first_year: # column first_year\n" in said
    assert 'measure: "1"' not in said
    assert "measure: year" in said.replace('"', "")
    elsewhere = inspect_workbook(path, raw=tmp_path / "raw")
    assert 'path: "pilots.csv"' in elsewhere
    assert "The file is not below the folder of the raw workbooks" in elsewhere


def test_a_missing_file_that_lies_in_another_folder_is_named(tmp_path):
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "a.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"write 'path: city/a\.csv'"):
        checked_digest(SourceFile(1, "a.csv", "a"), tmp_path / "a.csv")


def test_units_that_are_not_certain_are_told_of_all_sources_at_once(monkeypatch):
    def refuse(spec, use, records, aliases):
        raise PanelError(f"source '{use.source}': 1 printed units are not certain")

    monkeypatch.setattr(joining.Joined, "by", staticmethod(refuse))
    spec = SimpleNamespace(sources=[SimpleNamespace(source=name, aliases="") for name in ("yearbook", "pilots")])
    with pytest.raises(PanelError, match=r"(?s)source 'yearbook'.*source 'pilots'"):
        joining.joined_sources(spec, {"yearbook": None, "pilots": None}, {})


def quotients(total):
    rows = [(f"11{unit}", f"city {unit}", year) for year in (2009, 2010) for unit in range(5)]
    panel = pd.DataFrame(rows, columns=["unit", "unit_name", "year"]).assign(sector=1.0, total=total)
    return add_indicators(panel, [Indicator("lq", "location_quotient", (("sector", "sector"), ("total", "total")), ())])


def test_a_year_in_which_few_units_are_compared_with_is_a_line_of_the_ledger():
    whole = quotients([10.0] * 10)
    assert whole.ledger == []
    thin = quotients([10.0, 20.0, *[np.nan] * 3, *[10.0] * 5])
    assert "2 in 2009, 5 in 2010" in thin.ledger[0]["reason"]
    assert (thin.ledger[0]["units"], thin.ledger[0]["rows"]) == (2, 2)


def test_an_indicator_that_cannot_be_computed_names_the_unit_and_the_way_out():
    with pytest.raises(PanelError, match=r"unit 113, year 2009: total = 0 \(113 city 3\)\. Correct .* 'exclude'"):
        quotients([10.0, 10.0, 10.0, 0.0, *[10.0] * 6])


def test_a_figure_without_a_number_is_drawn_as_the_reason(tmp_path):
    estimates = pd.DataFrame({"estimate": [0.1, np.nan], "reason": ["", "one treated unit only"]})
    points = pd.DataFrame(columns=["estimator", "tau", "estimate", "ci_low", "ci_high"])
    result = ExhibitResult(estimates, None, figure=Figure("coefficient_plot", {"points": points}, {}))
    written = write_figure_files(result, ExhibitMeta("study", "robust"), tmp_path)
    assert written["png"].read_bytes().startswith(b"\x89PNG")
