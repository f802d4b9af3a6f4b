"""Periods: how they are written in workbooks, what number they have, what is refused and with which advice."""

import doctest
from datetime import date

import pytest
import shidian.period
from shidian.errors import SourceError
from shidian.messages import period_names
from shidian.period import KINDS, Period, read_period, written
from shidian.yearbook.periods import PeriodText

WRITTEN = {
    "half": (("2013H2", "2013-H2", "H22013", "2013年下半年", "2013-09-30", "2° 2013",
              "2º semestre de 2013", "2nd half 2013"), "2013H2"),
    "quarter": (("2013Q4", "Q42013", "Q4 2013", "2013-Q4", "2013q4", "2013年第4季度", "2013年四季度",
                 "2013-11-30", "2013T4", "4T2013", "4Q 2013", "4º trimestre de 2013"), "2013Q4"),
    "month": (("2013-04", "201304", "2013/4", "2013年4月", "2013年04月份", "2013m4", "Apr 2013", "April 2013",
               "2013-04-30", "2013-04-01T00:00:00", "２０１３年４月"), "2013-04"),
    "week": (("2013W07", "2013-W7", "2013年第7周", "2013-02-14"), "2013W07"),
    "day": (("2013-04-30", "20130430", "2013年4月30日", "2013/4/30", "2013-04-30T00:00:00"), "2013-04-30"),
    "wave": (("3", "3.0", "wave 3", "W3", "第3轮"), "3"),
    "integer": (("-7", "-7.0"), "-7"),
    "year": (("1880", "1880.0", "1880年"), "1880"),
}  # fmt: skip
NO_PERIOD = {
    "half": ("2013", "2013H3", "2013Q1"), "quarter": ("2013Q5", "2013.4", "20134", "4", "2013"),
    "month": ("2013-13", "201313", "2013.10", "2013", "Foo 2013", "2013-02-30"),
    "week": ("2013W54", "2014W53", "2013W0"),
    "day": ("2013-02-29", "2013-04", "41000"), "wave": ("x", "3.5", ""), "integer": ("3.5", "1e3", "9" * 9),
    "year": ("81", "0", "2013Q4", "3.5", "20135", ""),
}  # fmt: skip


def test_examples_in_docstrings():
    for module in (shidian.period, period_names):
        assert doctest.testmod(module).failed == 0
        assert doctest.testmod(module).attempted


@pytest.mark.parametrize("kind", KINDS)
def test_every_usual_writing_is_read_and_others_are_not(kind):
    texts, label = WRITTEN[kind]
    numbers = {read_period(kind, text) for text in texts}
    assert [written(kind, number) for number in numbers] == [label]
    assert {text: read_period(kind, text) for text in NO_PERIOD[kind]} == dict.fromkeys(NO_PERIOD[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_periods_that_follow_each_other_differ_by_one(kind):
    first = read_period(kind, WRITTEN[kind][0][0])
    labels = [written(kind, first + i) for i in range(60)]
    assert [read_period(kind, label) for label in labels] == list(range(first, first + 60))
    if kind not in ("wave", "integer", "year"):
        assert labels == sorted(labels)


def test_a_date_lies_in_its_period():
    for day in (date(2012, 2, 29), date(2012, 12, 31), date(2013, 1, 1), date(2015, 6, 30)):
        text = day.isoformat()
        assert written("month", read_period("month", text)) == text[:7]
        assert written("quarter", read_period("quarter", text)) == f"{day.year}Q{(day.month + 2) // 3}"
        assert written("half", read_period("half", text)) == f"{day.year}H{1 + (day.month > 6)}"
        assert written("week", read_period("week", text)) == "{}W{:02d}".format(*day.isocalendar())


def test_years_of_two_digits_and_fiscal_years_are_read_as_declared():
    two = PeriodText(pivot=1930)
    assert [two.read(text) for text in ("81", "30", "29", "0", "'99", "1981")] == [1981, 1930, 2029, 2000, 1999, 1981]
    spans = ("2010-2011", "2010/11", "2010–11", "2010年度", "1999/00")
    assert [PeriodText(fiscal="first").read(text) for text in spans] == [2010, 2010, 2010, 2010, 1999]
    assert [PeriodText(fiscal="last").read(text) for text in spans] == [2011, 2011, 2011, 2011, 2000]
    assert PeriodText(fiscal="last").read("2010-2012") is None
    months = PeriodText("month", in_year=1994)
    assert [written("month", months.read(text)) for text in ("4", "12.0")] == ["1994-04", "1994-12"]
    assert months.read("13") is None


@pytest.mark.parametrize(
    ("reads", "text", "advice"),
    [
        (PeriodText(), "Q42010", "declare 'kind: quarter'"),
        (PeriodText(), "201304", "declare 'kind: month'"),
        (PeriodText(), "81", "declare 'pivot: 1930'"),
        (PeriodText(), "3", "'kind: wave'"),
        (PeriodText(), "1880", "declare 'kind: year'"),
        (PeriodText(), "-500", "declare 'kind: year'"),
        (PeriodText(), "2010-2011", "'fiscal: first' or 'fiscal: last'"),
        (PeriodText("quarter"), "2013", "quarters are written as 2013Q4"),
    ],
)
def test_a_refusal_says_what_to_declare(reads, text, advice):
    assert reads.read(text) is None
    assert advice in reads.refusal(text)
    with pytest.raises(SourceError, match=r"made\.yaml"):
        reads.declared("made.yaml", text)


def test_undeclared_years_read_as_before():
    plain = PeriodText()
    for text in ("1899", "2101", "81", "2010-2011", "2013Q4", "2003.5", ""):
        assert plain.read(text) is None
    assert [plain.read(text) for text in ("1900", "2100", "2003.0", "2003年", "２００３")] == [
        1900,
        2100,
        2003,
        2003,
        2003,
    ]


def test_steps_count_rows_and_are_written_as_the_calendar():
    every_second = Period("year", 2, 1)
    assert [every_second.number(year) for year in (2001, 2002, 2003)] == [1000, None, 1001]
    assert [every_second.label(number) for number in (1000, 1001)] == ["2001", "2003"]
    assert every_second.year_of(1001) == 2003
    assert Period("quarter").year_of(read_period("quarter", "2013Q4")) == 2013
