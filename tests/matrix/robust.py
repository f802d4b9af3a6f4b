"""The row of the matrix of the robust staggered estimators."""

from tests.matrix.cells import BETWEEN, DATED, Row
from tests.matrix.did import FIRST, LAST
from tests.matrix.staggered import staggered_did

ROWS = {
    "staggered_did": Row({"window": [FIRST, LAST], "controls": []}, staggered_did, "each estimator written out",
                         {**DATED, "effects": BETWEEN}),
}  # fmt: skip
"""Kind -> its row."""
