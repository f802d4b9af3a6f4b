"""How units were recognised is counted in the ledger; what is not exact stands in a table."""

import pandas as pd
from shidian.panel.join import Joined, resolved
from shidian.panel.recognised import COLUMNS, grade_line, match_table
from shidian.report.catalogue import in_language
from shidian.study.model import SourceUse

NAMES = [
    (None, "襄阳市", None, 2012), (None, "襄樊市", None, 2012), (None, "武汉", None, 2012), (None, "武汉", None, 2013),
    ("4210", None, None, 2012), (None, "海南", "青海", 2012), (None, "Huangshi", None, 2012),
]  # fmt: skip


def joined(rows):  # type: ignore[no-untyped-def]
    use = SourceUse("demo", False, "region", level="city")
    printed = pd.DataFrame(rows, columns=["unit_code", "unit_name", "province", "year"]).astype({"year": "Int64"})
    return use, Joined(pd.DataFrame(), printed.index.to_numpy(), resolved(printed, use, 2015, {}))


def test_grades_are_counted_and_listed() -> None:
    use, found = joined(NAMES)
    (line,) = grade_line(found, use)
    assert (line["units"], line["rows"]) == (5, 6)
    assert line["reason"] == (
        "unit-years by how the unit was recognised: exact: 1, without the word for its kind: 2, by the name or code of "
        "another year: 1, by a name or code in use: 2, by its province or city: 1; matches.csv lists all not exact"
    )
    assert in_language(line["reason"], "zh").startswith("单元年份按识别方式计：完全一致 1 个，省略类别字样 2 个")
    table = match_table({"demo": found})
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 5
    wuhan = table[table["name"] == "武汉"].iloc[0]
    assert wuhan[["unit", "unit_name", "grade", "rows"]].tolist() == ["420100", "武汉市", "short", 2]
    assert (str(wuhan["first_year"]), str(wuhan["last_year"])) == ("2012", "2013")
    assert wuhan["reason"] == "'武汉' is short for 武汉市"


def test_exact_names_say_nothing() -> None:
    use, found = joined(NAMES[:1])
    assert grade_line(found, use) == []
    assert match_table({"demo": found}).empty
