"""Data that the tests of the DID family share."""

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def castle() -> pd.DataFrame:
    """Cheng & Hoekstra's state panel as the PyPI package causaldata ships it, in the columns of panel.parquet."""
    from causaldata import castle

    raw = castle.load_pandas().data
    frame = raw.astype({c: "float64" for c in raw.columns if raw[c].dtype == "float32"})
    frame = frame[["sid", "year", "post", "l_homicide", "l_larceny", "l_police", "l_income", "poverty"]].copy()
    first = frame[frame["post"] == 1].groupby("sid")["year"].min()
    return frame.assign(
        unit=frame["sid"].astype(str),
        unit_name="state " + frame["sid"].astype(str),
        year=frame["year"].astype("int64"),
        adoption_year=frame["sid"].map(first).astype("Int64"),
        castle=frame["post"].astype("int64"),
        south=(frame["sid"] % 3 == 0).astype("int64"),
        other=((frame["sid"] % 4 == 1) & (frame["year"] >= 2005)).astype("int64"),
    )


@pytest.fixture(scope="session")
def divorce(reference) -> pd.DataFrame:
    """Stevenson & Wolfers' no-fault divorce panel, 49 states 1964-1996."""
    frame = pd.read_csv(reference / "nofault_divorce.csv")
    first = frame[frame["treat"] == 1].groupby("state")["year"].min()
    return frame.assign(unit=frame["state"].astype(str), adoption_year=frame["state"].map(first).astype("Int64"))
