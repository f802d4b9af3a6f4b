"""The whole matrix: kind -> its row."""

from tests.matrix import data, did, distribution, efficiency, instruments, matching, placebo, robust, spatial, truth

FAMILIES = (data, distribution, did, robust, placebo, instruments, matching, spatial, efficiency, truth)
MATRIX = {kind: row for family in FAMILIES for kind, row in family.ROWS.items()}
