"""Every kind on a panel of quarters: the numbers of the same panel of years, and nothing that says year."""

import re
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import yaml
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult
from shidian.period import read_period, written
from shidian.report.figures.draw import draw_figure
from shidian.report.words import in_words
from shidian.study.indicator_methods import study_schema
from shidian.study.kinds import kinds
from shidian.study.periods import with_numbers
from shidian.study.resolve import resolve_exhibits

from tests.kinds.example_panel import INFO, example_panel

FIRST = read_period("quarter", "2010Q4")
LATER = FIRST - 2001
YEARS = example_panel()
QUARTERS = YEARS.assign(year=YEARS["year"] + LATER, adoption_year=YEARS["adoption_year"] + LATER)
LIVING = {"indicators": {"living": {"method": "entropy_index", "inputs": ["water", "power"]}}}
KINDS = sorted(kind for kind, room in kinds().items() if not room.made_from and not room.planted)
DRAWN_BY_PERIOD = ("moran", "score_intervals", "second_stage")
OWN_WORDS = "First years"
"""Label of a column in an example: the user's own words stay."""
NUMBERS = ["estimate", "se", "p", "ci_low", "ci_high", "df", "n_obs"]
BY_QUARTER = replace(INFO, period={"kind": "quarter", "step": 1, "origin": 0})


def example_of(kind):
    if kind == "placebo":
        shared = {"outcome": "y", "controls": ["x"], "fixed_effects": ["unit", "year"], "ssc": "reghdfe"}
        return {**shared, "vcov": {"kind": "cluster", "by": "unit"}, "draws": 20, "chunk": 20}
    return yaml.safe_load((kinds()[kind].folder / "example.yaml").read_text(encoding="utf-8"))


def in_quarters(value):
    """Return a specification with quarters, as a study file writes them, in the place of the example's years."""
    if isinstance(value, dict):
        return {key: in_quarters(one) for key, one in value.items()}
    if isinstance(value, list):
        return [in_quarters(one) for one in value]
    year = isinstance(value, int) and not isinstance(value, bool) and 2001 <= value <= 2008
    return written("quarter", value + LATER) if year else value


def run(kind, panel, info, study):
    content = {"treatment": {"name": info.treatment}, **LIVING, **study}
    (spec,) = resolve_exhibits(with_numbers(content, study_schema()), {})
    return estimate_exhibit(import_module(kinds()[kind].module), panel, spec, info)


def both(kind):
    """Return an example by years and by quarters; where draws depend on the period's number, "years" have it too."""
    exhibit = {"id": f"my_{kind}", "kind": kind, **example_of(kind)}
    asked = {"exhibits": [in_quarters(exhibit)], "period": {"kind": "quarter"}}
    drawn = kind in DRAWN_BY_PERIOD
    years = run(kind, QUARTERS, INFO, asked) if drawn else run(kind, YEARS, INFO, {"exhibits": [exhibit]})
    return years, run(kind, QUARTERS, BY_QUARTER, asked)


def texts_of(result):
    for text in (*result.notes, *result.warnings, *result.estimates["reason"]):
        yield text.replace(OWN_WORDS, "")
    for name in ("step", "subject", "reason"):
        yield from result.ledger[name]
    if result.table:
        yield from (text for line in result.table.header for text, _ in line if text != OWN_WORDS)
        yield from (row.label for row in result.table.rows)
    for one in result.used.values():
        yield from (one.words, one.counts)


def of_years(text):
    """Return a column or term of the quarters' panel as that of the years' panel calls it."""
    return re.sub(r"\b80[45]\d\b", lambda found: str(int(found[0]) - LATER), text)


@pytest.mark.parametrize("kind", KINDS)
def test_quarters_give_the_numbers_of_years_in_their_own_words(kind):
    years, quarters = both(kind)
    for name in ("column", "term"):
        assert quarters.estimates[name].map(of_years).tolist() == years.estimates[name].map(of_years).tolist()
    a, b = quarters.estimates[NUMBERS].astype(float), years.estimates[NUMBERS].astype(float)
    np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)
    again = ExhibitResult.from_json(quarters.to_json())
    assert again.to_json() == quarters.to_json()
    for lang, word in (("en", r"(?i)\byears?\b|\b80[45]\d\b"), ("zh", r"年|\b80[45]\d\b")):
        left = [text for text in texts_of(in_words(again, lang)) if re.search(word, text)]
        assert left == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kinds()[kind].figure])
def test_its_figure_is_drawn_in_its_words(kind):
    figure = both(kind)[1].figure
    for lang, word in (("en", r"(?i)\byears?\b|\b80[45]\d\b"), ("zh", r"年|\b80[45]\d\b")):
        drawing = draw_figure(figure, lang=lang)
        drawing.draw_without_rendering()
        said = [
            text.get_text() for axes in drawing.axes for text in axes.findobj(match=lambda a: hasattr(a, "get_text"))
        ]
        assert [text for text in said if re.search(word, text)] == []
