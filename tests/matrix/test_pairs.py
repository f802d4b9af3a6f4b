"""Two shapes at once: what a shaped study by years finds, the same study by quarters or of every second year finds."""

import pytest
from shidian.errors import EstimationError, StudyError

from tests.matrix.cells import exhibit_of, same
from tests.matrix.runs import run
from tests.matrix.shapes import PAIRS
from tests.matrix.table import MATRIX

pytestmark = [pytest.mark.usefixtures("own_raw_files"), pytest.mark.slow]
KINDS = [kind for kind, row in MATRIX.items() if row.runner is run]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("kind", KINDS)
def test_relabelled_periods_change_no_number_of_a_shaped_study(kind, pair):
    row, shape = MATRIX[kind], pair.partition("+")[0]
    more = row.unless[shape][1] if shape in row.unless else {}
    try:
        plainly = run(shape, exhibit_of(kind, row, shape, **more)).estimates
    except (StudyError, EstimationError):
        with pytest.raises((StudyError, EstimationError)):
            run(pair, exhibit_of(kind, row, pair, **more))
        return
    found = run(pair, exhibit_of(kind, row, pair, **more)).estimates
    if plainly["estimate"].isna().all():
        assert found["estimate"].isna().all()
        return
    kept = [~rows["column"].str.contains(row.drawn) for rows in (found, plainly)]
    same(found[kept[0]], plainly[kept[1]])
