"""The rows of the matrix of the robust staggered estimators."""

from tests.matrix.cells import BETWEEN, DATED, WEIGHTS, Row
from tests.matrix.did import FIRST, LAST
from tests.matrix.staggered import staggered_did
from tests.matrix.synthetic import synthetic_did

ROWS = {
    "staggered_did": Row({"window": [FIRST, LAST], "controls": []}, staggered_did, "each estimator written out",
                         {**DATED, "effects": BETWEEN}),
    "synthetic_did": Row({"estimators": ["sdid", "did"], "inference": "jackknife", "weights_found": "exact"},
                         synthetic_did, "weights by sequential quadratic programming",
                         {**DATED, "weights": WEIGHTS, "effects": BETWEEN}),
}  # fmt: skip
"""Kind -> its row."""
