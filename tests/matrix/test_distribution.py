"""Every kind that is on the distribution of a variable in every shape of a panel."""

import pytest

from tests.matrix.cells import cells, check_cell
from tests.matrix.distribution import ROWS

pytestmark = pytest.mark.usefixtures("own_raw_files")


@pytest.mark.parametrize(("kind", "shape"), cells(ROWS))
def test_it_equals_an_independent_computation_or_refuses(kind, shape):
    check_cell(kind, ROWS[kind], shape)
