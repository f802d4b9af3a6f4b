"""Slips of whole volumes in a study: they stop it, unless they are accepted or reported only."""

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shidian.errors import PanelError
from shidian.messages import say
from shidian.panel.build import Panel, build_panel
from shidian.report.catalogue import in_language
from shidian.yearbook.extract import extract_file

from ..study.built_study import built_study
from ..study.own_data import SOURCE, STUDY, rows

SAID = "wage_yuan: 285 of 285 units are 1/10,000 of the periods before and after"
TABLE = "town,town_name,year,wage,people,policy\n" + "\n".join(",".join(map(str, row)) for row in rows())


def slips(grade: str = "stop", period: int = 2002, series: str = "wage_yuan jobs") -> pd.DataFrame:
    row = {"kind": "volume moved", "grade": grade, "period": period, "series": series, "units": "", "detail": SAID}
    return pd.DataFrame([row])


def built(folder: Path, checks: Any, found: pd.DataFrame) -> Panel:
    study = copy.deepcopy(STUDY) | ({"checks": checks} if checks is not None else {})
    one = built_study(folder, study, [(copy.deepcopy(SOURCE), TABLE)])
    records = {"my_panel": extract_file(one.plan.sources["my_panel"], 1, one.plan.raw_root).records}
    return build_panel(one.plan.studies["my_study"].panel, records, {}, None, {"my_panel": found})


def test_a_slip_stops_the_study_that_reads_it(tmp_path: Path) -> None:
    with pytest.raises(
        PanelError, match="1 slips of whole volumes in what the study reads:\n  my_panel, 2002: wage_yuan: 285 of"
    ):
        built(tmp_path, None, slips())
    for found in (slips(period=2011), slips(series="jobs")):
        assert built(tmp_path, None, found).findings.empty


@pytest.mark.parametrize("checks", ["report", {"strict": False}])
def test_reported_only(tmp_path: Path, checks: Any) -> None:
    panel = built(tmp_path, checks, slips())
    (finding,) = panel.findings.to_dict("records")
    found = (finding["check"], finding["indicator"], finding["year"])
    assert found == ("volume moved", "my_panel.wage_yuan", 2002)
    assert finding["detail"] == SAID
    reasons = panel.ledger["reason"].tolist()
    assert "volume moved: see checks.csv; the values stand as printed" in reasons
    assert in_language(str(finding["check"]), "zh") == "整卷数量级偏移"


def test_warnings_stop_nothing(tmp_path: Path) -> None:
    assert len(built(tmp_path, "strict", slips("warn")).findings) == 1


def test_an_accepted_slip_says_why(tmp_path: Path) -> None:
    accept = [{"series": "wage_yuan", "year": 2002, "reason": "a new currency"}]
    panel = built(tmp_path, {"accept": accept}, slips())
    assert panel.findings["detail"].tolist() == [f"{SAID}; accepted: a new currency"]
    with pytest.raises(PanelError, match=r"accept names a slip of 'my_panel.wage_yuan' in 2002, and no such slip is"):
        built(tmp_path, {"accept": accept}, slips(period=2003, grade="warn"))


def test_sentences_are_messages() -> None:
    assert in_language(say("{detail}; accepted: {reason}", detail="a", reason="b"), "zh") == "a；已接受：b"
