"""What a kind refuses, it refuses in the report's language too."""

import pandas as pd
import pytest
from shidian.errors import ShidianError
from shidian.report.catalogue import in_language

from tests.kinds.example_panel import INFO, example_panel
from tests.kinds.test_rooms import RUN, run
from tests.report.chinese import english_left, words_left


def untreated(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(adoption_year=pd.array([pd.NA] * len(panel), dtype="Int64"), did=0.0)


def always(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(adoption_year=pd.array([1990] * len(panel), dtype="Int64"), did=1.0)


def flat(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(y=panel["unit"].astype(float), w=1.0)


def empty(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(y=float("nan"), w=float("nan"))


def with_gaps(panel: pd.DataFrame) -> pd.DataFrame:
    """Treated units in some years, others in the rest: nothing is balanced, and little can be compared."""
    treated = panel["adoption_year"].notna()
    return panel[(treated & (panel["year"] % 2 == 0)) | (~treated & (panel["year"] % 2 == 1))].reset_index(drop=True)


@pytest.mark.parametrize("broken", [untreated, always, flat, empty, with_gaps], ids=lambda made: made.__name__)
@pytest.mark.parametrize("kind", RUN)
def test_a_refusal_is_said_in_chinese_as_a_whole(kind, broken):
    panel = broken(example_panel())
    own = [*panel.columns, *panel["unit_name"].unique(), *INFO.labels.values()]
    try:
        left = english_left(run(kind, panel), own)
    except ShidianError as error:
        left = words_left([in_language(str(error), "zh")], own)
    assert left == []
