"""The row of the matrix of the robust staggered estimators."""

from tests.matrix.cells import BETWEEN, DATED, WEIGHTS, Row
from tests.matrix.did import FIRST, LAST
from tests.matrix.staggered import staggered_did

ROWS = {
    "staggered_did": Row({"window": [FIRST, LAST], "controls": []}, staggered_did, "each estimator written out",
                         {**DATED, "weights": WEIGHTS, "effects": BETWEEN}),
}  # fmt: skip
"""Kind -> its row."""
