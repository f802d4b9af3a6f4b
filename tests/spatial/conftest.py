"""Real data of the spatial tests: Baltagi's cigarette panel and Anselin's Columbus."""

import pandas as pd
import pytest
from shidian.spatial.weights import Weights, from_matrix, normalise


@pytest.fixture(scope="session")
def cigar(reference) -> pd.DataFrame:
    """46 states 1963-1992: log packs, log real price, log real income."""
    frame = pd.read_csv(reference / "cigar_real.csv")
    return frame.assign(unit=frame["state"].map("{:02d}".format))


@pytest.fixture(scope="session")
def usa46(reference, cigar) -> Weights:
    """Row-normalised contiguity of the 46 states; the file has them in the panel's alphabetical order."""
    W = pd.read_csv(reference / "SDPDmod_usa46.csv", index_col=0).to_numpy()
    return normalise(from_matrix(sorted(cigar["unit"].unique()), W, "contiguity"), "row")


@pytest.fixture(scope="session")
def columbus(reference) -> pd.DataFrame:
    """49 neighbourhoods of Columbus, 1980."""
    frame = pd.read_csv(reference / "columbus.csv")
    return frame.assign(unit=frame["POLYID"].map("{:02d}".format), year=1980)


@pytest.fixture(scope="session")
def columbus_weights(reference, columbus) -> Weights:
    """Queen contiguity, row-standardised."""
    W = pd.read_csv(reference / "columbus_W.csv", index_col=0).to_numpy()
    return normalise(from_matrix(columbus["unit"], W, "contiguity"), "row")
